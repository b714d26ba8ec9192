"""JSON-RPC of an EVM chain. https://ethereum.org/developers/docs/apis/json-rpc"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.chain import EVM_CHAINS
from lib.sandbox.chains import Chains, Payment
from lib.sandbox.noise import draws
from lib.sandbox.world import Row, World, reply
from lib.wire.evm import TRANSFER

_MOST_BLOCKS: Final = 1000  # of one eth_getLogs
_BASE_GWEI: Final = {"ethereum": 1.5, "bsc": 0.0, "polygon": 25.0}
_TIP_GWEI: Final = {"ethereum": 0.1, "bsc": 0.05, "polygon": 30.0}


def routes_of(chain: str) -> Callable[[World], list[Route]]:
    """The one path of a chain's host."""
    return partial(_routes, chain)


def _routes(chain: str, world: World) -> list[Route]:
    return [Route("/", _Node(world, chain).call, methods=["POST"])]


class _Node:
    def __init__(self, world: World, chain: str) -> None:
        self.world = world
        self.chain = chain
        self.chains = Chains(world)

    async def call(self, request: Request) -> Response:
        question = msgspec.json.decode(await request.body())
        methods: dict[str, Callable[..., Any]] = {
            "eth_chainId": lambda: hex(EVM_CHAINS[self.chain].chain_id),
            "eth_blockNumber": lambda: hex(self.chains.height(self.chain)),
            "eth_getBlockByNumber": self._block,
            "eth_getLogs": self._logs,
            "eth_getTransactionReceipt": self._receipt,
            "eth_feeHistory": self._fees,
        }
        head = {"jsonrpc": "2.0", "id": question.get("id")}
        method = methods.get(question.get("method", ""))
        if method is None:
            return reply(head | {"error": {"code": -32601, "message": "method not found"}})
        return reply(head | {"result": method(*question.get("params", ()))})

    def _block(self, which: str, whole: bool) -> Row | None:
        newest = self.chains.height(self.chain)
        number = newest if which == "latest" else int(which, 16)
        if number > newest:
            return None
        sent = [pay for pay in self.chains.payments(self.chain, number) if not pay.token]
        return {
            "number": hex(number),
            "hash": self._hash(number),
            "parentHash": self._hash(number - 1),
            "timestamp": hex(self.chains.time_s(self.chain, number)),
            "gasLimit": "0x2255100",
            "gasUsed": "0x112a880",
            "transactions": [
                self._transaction(number, pay) if whole else self._tx(number, pay) for pay in sent
            ],
        }

    def _transaction(self, number: int, pay: Payment) -> Row:
        return {
            "blockHash": self._hash(number),
            "blockNumber": hex(number),
            "from": pay.sender,
            "to": pay.recipient,
            "hash": self._tx(number, pay),
            "value": hex(pay.units),
            "input": "0x",
            "type": "0x2",
            "transactionIndex": hex(pay.place),
        }

    def _logs(self, wanted: dict[str, Any]) -> list[Row]:
        first, last = int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16)
        contracts = {address.lower() for address in wanted.get("address", ())}
        numbers = range(first, min(last, first + _MOST_BLOCKS, self.chains.height(self.chain)) + 1)
        return [
            {
                "address": pay.token,
                "topics": [TRANSFER, _topic(pay.sender), _topic(pay.recipient)],
                "data": f"0x{pay.units:064x}",
                "blockNumber": hex(number),
                "blockHash": self._hash(number),
                "transactionHash": self._tx(number, pay),
                "transactionIndex": hex(pay.place),
                "logIndex": hex(pay.place),
                "removed": False,
            }
            for number in numbers
            for pay in self.chains.payments(self.chain, number)
            if pay.token and (not contracts or pay.token in contracts)
        ]

    def _receipt(self, tx: str) -> Row | None:
        number, place = int(tx[2:18], 16), int(tx[18:22], 16)
        made = self.chains.payments(self.chain, number)
        if place >= len(made) or self._tx(number, made[place]) != tx:
            return None
        failed = draws(f"{self.world.market.seed}|{tx}|fails", 1)[0] % 16 == 0
        return {
            "transactionHash": tx,
            "blockHash": self._hash(number),
            "blockNumber": hex(number),
            "status": "0x0" if failed else "0x1",
            "gasUsed": "0x5208",
        }

    def _fees(self, count: str, _newest: str, percentiles: list[float]) -> Row:
        newest = self.chains.height(self.chain)
        blocks = range(newest - int(count, 16) + 1, newest + 1)
        bases = [self._wei(_BASE_GWEI, "base", number) for number in (*blocks, newest + 1)]
        tips = [self._wei(_TIP_GWEI, "tip", number) for number in blocks]
        return {
            "oldestBlock": hex(blocks[0]),
            "baseFeePerGas": [hex(base) for base in bases],
            "gasUsedRatio": [0.5 for _ in blocks],
            "reward": [[hex(int(tip * (1 + p / 50))) for p in percentiles] for tip in tips],
        }

    def _wei(self, usual: dict[str, float], what: str, number: int) -> int:
        draw = draws(f"{self.world.market.seed}|{self.chain}|{what}|{number // 5}", 1)[0]
        return int(usual[self.chain] * 10**9 * (0.5 + draw / 4096))

    def _hash(self, number: int) -> str:
        return "0x" + self.chains.block_hash(self.chain, number)

    def _tx(self, number: int, pay: Payment) -> str:
        """A hash that says where the transaction stands."""
        rest = self.chains.digits(f"tx|{self.chain}|{number}|{pay.place}", 44)
        return f"0x{number:016x}{pay.place:04x}{rest}"


def _topic(address: str) -> str:
    return "0x" + "0" * 24 + address[2:]
