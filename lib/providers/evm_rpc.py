"""Public JSON-RPC hosts of EVM chains, one provider a chain.

Hosts: https://chainlist.org. `<CHAIN>_RPC_BASE_URL` is a list of hosts, separated by commas.
"""

import asyncio
from collections.abc import Sequence
from typing import ClassVar, Final

import httpx

from lib.chain import EVM_CHAINS, Fees, Transfer, Transfers
from lib.clock import Clock
from lib.feeds import (
    BSC_FEES,
    BSC_TRANSFERS,
    ETHEREUM_FEES,
    ETHEREUM_TRANSFERS,
    POLYGON_FEES,
    POLYGON_TRANSFERS,
)
from lib.providers.base import Limit, Provider, serves
from lib.queries import Everything
from lib.wire.bodies import LARGE_BODY
from lib.wire.evm import (
    PERCENTILES,
    Block,
    Tx,
    check_chain,
    native_candidates,
    native_transfer,
    parse_block,
    parse_fees,
    parse_logs,
    parse_success,
    token_transfers,
    topics_of,
)
from lib.wire.rpc import Hosts, Node, parse_quantity
from lib.wire.spans import together

FEE_BLOCKS: Final = 20


class EvmRpc(Provider):
    """A chain over its hosts. Its head is left alone: there blocks are still replaced, and hosts
    behind one name do not all know them yet."""

    chain: ClassVar[str]
    blocks: ClassVar[int]  # how many are looked at
    behind: ClassVar[int]  # how many of the newest are not
    limits: ClassVar[tuple[Limit, ...]] = (Limit(60, 60),)
    attribution = "Chain data over public RPC hosts"
    terms = "Public hosts without a key; each has limits of its own."

    def __init__(
        self,
        client: httpx.AsyncClient,
        clock: Clock,
        base_url: str | None = None,
        key: str | None = None,
    ) -> None:
        super().__init__(client, clock, base_url, key)
        chain_id = EVM_CHAINS[self.chain].chain_id
        self._hosts = Hosts(client, clock, base_url or self.base_url, chain_id)

    async def recent_transfers(self) -> Transfers:
        """The largest transfers of the coin and of the watched tokens in the newest blocks."""
        return await self._hosts.ask(self._transfers)

    async def recent_fees(self) -> Fees:
        """What gas costs, by the tips of the last blocks."""
        return await self._hosts.ask(self._fees)

    async def _transfers(self, node: Node) -> Transfers:
        head = parse_quantity(await node.call("eth_blockNumber")) - self.behind
        first = max(0, head - self.blocks + 1)
        logs_wanted = {"fromBlock": hex(first), "toBlock": hex(head), **topics_of(self.chain)}
        *found, events = await together(
            [
                *(
                    node.call("eth_getBlockByNumber", hex(number), True)
                    for number in range(first, head + 1)
                ),
                node.call("eth_getLogs", logs_wanted),
            ]
        )
        blocks = [parse_block(one, first + place) for place, one in enumerate(found)]
        check_chain(blocks)
        if len(events) > LARGE_BODY:
            tokens = await asyncio.to_thread(self._tokens, events, blocks)
        else:
            tokens = self._tokens(events, blocks)
        coins = await self._native(node, blocks)
        return Transfers((*tokens, *coins), blocks[0].time_ms, blocks[-1].time_ms)

    def _tokens(self, events: bytes, blocks: Sequence[Block]) -> list[Transfer]:
        return token_transfers(self.chain, parse_logs(events), blocks)

    async def _native(self, node: Node, blocks: Sequence[Block]) -> list[Transfer]:
        async def succeeded(tx: Tx, block: Block) -> bool:
            receipt = await node.call("eth_getTransactionReceipt", tx.hash)
            return parse_success(receipt, tx, block)

        chosen = native_candidates(self.chain, blocks)
        well = await together(succeeded(tx, block) for tx, block in chosen)
        return [
            native_transfer(self.chain, tx, block)
            for (tx, block), ok in zip(chosen, well, strict=True)
            if ok
        ]

    async def _fees(self, node: Node) -> Fees:
        percentiles = list(PERCENTILES)
        history = await node.call("eth_feeHistory", hex(FEE_BLOCKS), "latest", percentiles)
        return parse_fees(history, self._clock.now_ms())


class EthereumRpc(EvmRpc):
    """Ethereum: a block in twelve seconds."""

    name = "ethereum_rpc"
    base_url = (
        "https://ethereum-rpc.publicnode.com,https://eth.drpc.org,https://eth.llamarpc.com,"
        "https://1rpc.io/eth"
    )
    chain = "ethereum"
    blocks = 5
    behind = 1

    @serves(ETHEREUM_TRANSFERS)
    async def transfers(self, _: Everything) -> Transfers:
        """Large transfers of about a minute."""
        return await self.recent_transfers()

    @serves(ETHEREUM_FEES)
    async def fees(self, _: Everything) -> Fees:
        """What gas costs."""
        return await self.recent_fees()


class BscRpc(EvmRpc):
    """BNB Smart Chain: a block in less than a second."""

    name = "bsc_rpc"
    base_url = (
        "https://bsc-rpc.publicnode.com,https://bsc.drpc.org,https://binance.llamarpc.com,"
        "https://bsc-dataseed.bnbchain.org"
    )
    chain = "bsc"
    blocks = 8
    behind = 4

    @serves(BSC_TRANSFERS)
    async def transfers(self, _: Everything) -> Transfers:
        """Large transfers of some seconds."""
        return await self.recent_transfers()

    @serves(BSC_FEES)
    async def fees(self, _: Everything) -> Fees:
        """What gas costs."""
        return await self.recent_fees()


class PolygonRpc(EvmRpc):
    """Polygon PoS: a block in two seconds."""

    name = "polygon_rpc"
    base_url = (
        "https://polygon-bor-rpc.publicnode.com,https://polygon.drpc.org,"
        "https://polygon.llamarpc.com,https://1rpc.io/matic"
    )
    chain = "polygon"
    blocks = 8
    behind = 3

    @serves(POLYGON_TRANSFERS)
    async def transfers(self, _: Everything) -> Transfers:
        """Large transfers of some seconds."""
        return await self.recent_transfers()

    @serves(POLYGON_FEES)
    async def fees(self, _: Everything) -> Fees:
        """What gas costs."""
        return await self.recent_fees()
