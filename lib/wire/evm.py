"""What an EVM node answers: blocks, logs, receipts, fees, and the large transfers in them.

https://ethereum.org/developers/docs/apis/json-rpc
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Annotated, Final

from msgspec import Meta, Struct, field

from lib.chain import EVM_CHAINS, Fees, Transfer, largest, whole_units
from lib.errors import SourceMalformed, SourceUnavailable
from lib.wire.rpc import quantity
from lib.wire.typed import wire_decoder

TRANSFER: Final = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
"""The topic of ERC-20's `Transfer(address,address,uint256)`."""

NATIVE: Final = 10
"""Transfers of the coin that are looked at: each needs its receipt, which says if it succeeded."""

TOKENS: Final = 50
"""Transfers of each token that are kept."""

WEI: Final = 18
PERCENTILES: Final = (10, 50, 90)
"""Of the tips paid in a block: who waits, who does not mind, who is in a hurry."""

Hash = Annotated[str, Meta(pattern=r"^0x[0-9a-fA-F]{64}\Z")]
Party = Annotated[str, Meta(pattern=r"^0x[0-9a-fA-F]{40}\Z")]
Hex = Annotated[str, Meta(pattern=r"^0x[0-9a-fA-F]{1,64}\Z")]


class Tx(Struct):
    """A transaction in a block; `to` is null where it makes a contract."""

    hash: Hash
    sender: Party = field(name="from")
    value: Hex
    to: Party | None = None


class Block(Struct):
    """A block with its transactions."""

    hash: Hash
    number: Hex
    parent: Hash = field(name="parentHash")
    timestamp: Hex
    transactions: list[Tx]

    @property
    def time_ms(self) -> int:
        """When it was made."""
        return quantity(self.timestamp) * 1000


class Log(Struct):
    """An event of a contract."""

    address: Party
    topics: list[str]
    data: str
    block: Hash = field(name="blockHash")
    tx: Hash = field(name="transactionHash")
    index: Hex = field(name="logIndex")
    removed: bool = False


class _Receipt(Struct):
    status: Hex
    block: Hash = field(name="blockHash")
    tx: Hash = field(name="transactionHash")


class _FeeHistory(Struct):
    oldest: Hex = field(name="oldestBlock")
    base: list[Hex] = field(name="baseFeePerGas")
    reward: list[list[Hex]]


def parse_block(result: bytes, number: int) -> Block:
    """Read `eth_getBlockByNumber` with whole transactions.

    Raises:
        SourceMalformed: it is another block.
    """
    block: Block = _read_block(result)
    if quantity(block.number) != number or not 0 < quantity(block.timestamp) < 10**10:
        raise SourceMalformed("another block than was asked for")
    return block


def check_chain(blocks: Sequence[Block]) -> None:
    """Let blocks pass that stand on each other, oldest first.

    Raises:
        SourceUnavailable: the chain was reorganised while they were asked for.
    """
    for lower, upper in pairwise(blocks):
        if upper.parent != lower.hash:
            raise SourceUnavailable("blocks that do not stand on each other")


def parse_logs(result: bytes) -> list[Log]:
    """Read `eth_getLogs`."""
    logs: list[Log] = _read_logs(result)
    return logs


def token_transfers(chain: str, logs: Iterable[Log], blocks: Sequence[Block]) -> list[Transfer]:
    """The largest transfers of the watched tokens.

    What goes there and back within one transaction (a flash loan) counts by the difference.

    Raises:
        SourceUnavailable: an event of a block that is not among these, or was removed.
    """
    times = {block.hash: block.time_ms for block in blocks}
    flows: dict[tuple[str, str, str, str], _Flow] = {}
    for log in logs:
        if log.removed or log.block not in times:
            raise SourceUnavailable("an event of a block that is no longer there")
        token = EVM_CHAINS[chain].tokens.get(log.address.lower())
        if token is None or len(log.topics) != 3 or log.topics[0] != TRANSFER:
            continue
        if len(log.data) != 66:
            raise SourceMalformed("an event without an amount")
        units = quantity(log.data)
        sender, recipient = _party(log.topics[1]), _party(log.topics[2])
        there = (log.tx, log.address.lower(), sender, recipient)
        back = flows.get((log.tx, log.address.lower(), recipient, sender))
        if back is not None:
            back.units -= units
            continue
        flow = flows.setdefault(there, _Flow(log.index, times[log.block]))
        flow.units += units
    rows = []
    for (tx, contract, sender, recipient), flow in flows.items():
        token = EVM_CHAINS[chain].tokens[contract]
        if flow.units < 0:
            sender, recipient = recipient, sender
        amount = whole_units(abs(flow.units), token.decimals)
        if not amount or sender == recipient:
            continue
        rows.append(
            Transfer(
                chain=chain,
                hash=tx,
                index=str(quantity(flow.index)),
                time_ms=flow.time_ms,
                sender=sender,
                recipient=recipient,
                amount=amount,
                token=token.symbol,
                priced_as=token.priced_as,
            )
        )
    return list(largest(rows, TOKENS))


def native_candidates(chain: str, blocks: Sequence[Block]) -> list[tuple[Tx, Block]]:
    """The largest transfers of the coin; what is only wrapped into a token aside."""
    wrapper = EVM_CHAINS[chain].wrapper
    sent = [
        (quantity(tx.value), tx, block)
        for block in blocks
        for tx in block.transactions
        if tx.to and tx.to.lower() != wrapper and tx.to != tx.sender
    ]
    chosen = sorted((one for one in sent if one[0]), key=lambda one: -one[0])[:NATIVE]
    return [(tx, block) for _, tx, block in chosen]


def parse_success(result: bytes, tx: Tx, block: Block) -> bool:
    """Read `eth_getTransactionReceipt`: whether the transaction did what it meant to.

    Raises:
        SourceUnavailable: it moved to another block.
    """
    receipt: _Receipt = _read_receipt(result)
    if receipt.tx.lower() != tx.hash.lower() or receipt.block != block.hash:
        raise SourceUnavailable("a transaction that left its block")
    return quantity(receipt.status) == 1


def native_transfer(chain: str, tx: Tx, block: Block) -> Transfer:
    """A transfer of the coin as a row."""
    coin = EVM_CHAINS[chain].coin
    return Transfer(
        chain=chain,
        hash=tx.hash.lower(),
        index="coin",
        time_ms=block.time_ms,
        sender=tx.sender.lower(),
        recipient=tx.to.lower() if tx.to else None,
        amount=whole_units(quantity(tx.value), WEI) or 0.0,
        token=coin,
        priced_as=coin,
    )


def parse_fees(result: bytes, time_ms: int) -> Fees:
    """Read `eth_feeHistory`: the next block's base fee and the tips of the blocks before, in gwei.

    Raises:
        SourceMalformed: tips are missing.
    """
    history: _FeeHistory = _read_history(result)
    tips = [[quantity(tip) for tip in row] for row in history.reward]
    if not history.base or not tips or any(len(row) != len(PERCENTILES) for row in tips):
        raise SourceMalformed("no tips")
    base = quantity(history.base[-1])
    slow, standard, fast = ((base + median(column)) / 10**9 for column in zip(*tips, strict=True))
    if not 0 < slow <= standard <= fast < 10**9:
        raise SourceMalformed("fees that nobody pays")
    newest = quantity(history.oldest) + len(tips) - 1
    return Fees("gwei", slow, standard, fast, time_ms, base / 10**9, newest)


def topics_of(chain: str) -> Mapping[str, object]:
    """What to ask `eth_getLogs` for, the range aside."""
    return {"address": list(EVM_CHAINS[chain].tokens), "topics": [TRANSFER]}


class _Flow:
    """What went from one party to another in one transaction, less what came back."""

    __slots__ = ("index", "time_ms", "units")

    def __init__(self, index: str, time_ms: int) -> None:
        self.index = index
        self.time_ms = time_ms
        self.units = 0


def _party(topic: str) -> str:
    """The address in the last 20 bytes of a topic."""
    if len(topic) != 66 or topic[:26] != "0x" + "0" * 24:
        raise SourceMalformed("a topic that is no address")
    quantity("0x" + topic[26:])
    return "0x" + topic[26:].lower()


_read_block = wire_decoder(Block, strict=True)
_read_logs = wire_decoder(list[Log], strict=True)
_read_receipt = wire_decoder(_Receipt, strict=True)
_read_history = wire_decoder(_FeeHistory, strict=True)
