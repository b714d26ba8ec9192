"""mempool.space, an explorer of Bitcoin. https://mempool.space/docs/api/rest"""

import asyncio
from itertools import pairwise
from typing import Annotated, ClassVar, Final

from msgspec import Meta, Struct

from lib.chain import Fees, Transactions, Transfer, Transfers
from lib.errors import SourceMalformed, SourceUnavailable, SourceUnsupported
from lib.feeds import BITCOIN_FEES, BITCOIN_TRANSACTIONS, BITCOIN_TRANSFERS
from lib.providers.base import Limit, Provider, serves
from lib.queries import AddressQuery, Everything
from lib.wire.bitcoin import Address, Coin, Spend, effect_on, transfers_of
from lib.wire.iso import read_seconds
from lib.wire.spans import together
from lib.wire.typed import wire_decoder

PAGE: Final = 25  # transactions of an address that one call gives
BLOCKS: Final = 2  # some twenty minutes
LARGEST: Final = 15
"""Transactions of a block that are looked at: those with the largest outputs."""
SIDE_BY_SIDE: Final = 8
"""Calls at a time: it refuses who asks too fast, and does not say what that is."""


class Mempool(Provider):
    """Keyless. Blocks do not change: what was found in one is remembered while it is young."""

    name = "mempool"
    base_url = "https://mempool.space"
    limits: ClassVar[tuple[Limit, ...]] = (Limit(120, 60),)
    attribution = "Bitcoin data by mempool.space"
    terms = "Public API without a key; its limits are not published."

    _found: dict[str, tuple[Transfer, ...]] | None = None

    @serves(BITCOIN_TRANSACTIONS, weight=4)
    async def transactions(self, query: AddressQuery) -> Transactions:
        """Confirmed transactions of an address, newest first: 25 a call, one after another."""
        if query.chain != "bitcoin":
            raise SourceUnsupported("mempool: knows bitcoin only")
        spends: list[Spend] = []
        path = f"/api/address/{query.address}/txs/chain"
        while True:
            after = f"/{spends[-1].txid}" if spends else ""
            payload = await self.get(path + after)
            page = await self.decode(parse_spends, payload)
            spends += page
            if len(page) < PAGE or len(spends) >= query.depth:
                break
        return Transactions(
            chain="bitcoin",
            address=query.address,
            rows=tuple(effect_on(spend, query.address) for spend in spends),
            complete=len(page) < PAGE,
            time_ms=payload.time_ms,
        )

    @serves(BITCOIN_TRANSFERS, weight=16)  # twice as many when cold, two when nothing is new
    async def transfers(self, _: Everything) -> Transfers:
        """The largest transfers of the newest blocks.

        Raises:
            SourceUnavailable: the chain was reorganised meanwhile.
        """
        payload = await self.get("/api/v1/blocks")
        blocks = parse_blocks(payload.body)[:BLOCKS]
        known = self._found or {}
        gate = asyncio.Semaphore(SIDE_BY_SIDE)
        fresh = [block for block in blocks if block.id not in known]
        read = await together(self._largest_in(block, gate) for block in fresh)
        found = known | {block.id: rows for block, rows in zip(fresh, read, strict=True)}
        self._found = {block.id: found[block.id] for block in blocks}
        rows = [row for block in blocks for row in found[block.id]]
        return Transfers(tuple(rows), blocks[-1].time_ms, blocks[0].time_ms)

    @serves(BITCOIN_FEES)
    async def fees(self, _: Everything) -> Fees:
        """Fee rates for the next block, half an hour and an hour, in satoshi for a virtual byte."""
        payload = await self.get("/api/v1/fees/recommended")
        return parse_fees(payload.body, payload.time_ms)

    async def _largest_in(self, block: "Block", gate: asyncio.Semaphore) -> tuple[Transfer, ...]:
        async with gate:
            payload = await self.get(f"/api/v1/block/{block.id}/summary")
        txids = await self.decode(parse_largest, payload, LARGEST)
        spends = await together(self._spend(txid, block, gate) for txid in txids)
        return tuple(row for spend in spends for row in transfers_of(spend))

    async def _spend(self, txid: str, block: "Block", gate: asyncio.Semaphore) -> Spend:
        async with gate:
            payload = await self.get(f"/api/tx/{txid}")
        return parse_spend(payload.body, txid, block.id)


Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Sats = Annotated[int, Meta(ge=0, le=21 * 10**14)]
Height = Annotated[int, Meta(ge=0, lt=10**9)]
Seconds = Annotated[int, Meta(gt=0, lt=10**10)]


class Block(Struct):
    """A block's head."""

    id: Hash
    height: Height
    timestamp: Seconds
    previousblockhash: str

    @property
    def time_ms(self) -> int:
        """When it was made, by its miner."""
        return self.timestamp * 1000


def parse_blocks(body: bytes) -> list[Block]:
    """Read `/v1/blocks`: newest first, each on top of the next.

    Raises:
        SourceUnavailable: they do not stand on each other: the chain is being reorganised.
    """
    blocks: list[Block] = _read_blocks(body)
    if not blocks:
        raise SourceMalformed("not one block")
    for upper, lower in pairwise(blocks[: BLOCKS + 1]):
        if upper.previousblockhash != lower.id:
            raise SourceUnavailable("blocks that do not stand on each other")
    return blocks


def parse_largest(body: bytes, most: int) -> list[str]:
    """Read `/v1/block/{hash}/summary`: the transactions with the largest outputs, the one that
    makes new coins aside."""
    rows: list[_Brief] = _read_summary(body)
    if not rows:
        raise SourceMalformed("an empty block")
    return [row.txid for row in sorted(rows[1:], key=lambda row: -row.value)[:most]]


def parse_spends(body: bytes) -> list[Spend]:
    """Read `/address/{address}/txs/chain`, newest first."""
    return [spend for row in _read_txs(body) if (spend := _spend_of(row))]


def parse_spend(body: bytes, txid: str, block_id: str) -> Spend:
    """Read `/tx/{txid}`, a transaction of this block.

    Raises:
        SourceUnavailable: it is not in this block any more.
    """
    row: _Tx = _read_tx(body)
    spend = _spend_of(row)
    if spend is None or row.txid != txid or row.status.block_hash != block_id:
        raise SourceUnavailable("a transaction that left its block")
    return spend


def parse_fees(body: bytes, time_ms: int) -> Fees:
    """Read `/v1/fees/recommended`."""
    fees: _FeeTable = _read_fees(body)
    return Fees("sat/vB", fees.hour, fees.half_hour, fees.fastest, time_ms)


class _Brief(Struct):
    txid: Hash
    value: Annotated[float, Meta(ge=0)]


class _Output(Struct):
    value: Sats
    scriptpubkey_address: Address | None = None


class _Input(Struct):
    prevout: _Output | None = None
    is_coinbase: bool = False


class _Status(Struct):
    confirmed: bool
    block_height: Height | None = None
    block_hash: str | None = None
    block_time: Seconds | None = None


class _Tx(Struct):
    txid: Hash
    vin: list[_Input]
    vout: list[_Output]
    status: _Status
    fee: Sats | None = None


Rate = Annotated[float, Meta(gt=0, lt=10**6)]


class _FeeTable(Struct, rename={"fastest": "fastestFee", "half_hour": "halfHourFee",
                                "hour": "hourFee"}):  # fmt: skip
    fastest: Rate
    half_hour: Rate
    hour: Rate


_read_blocks = wire_decoder(list[Block], strict=True)
_read_summary = wire_decoder(list[_Brief], strict=True)
_read_txs = wire_decoder(list[_Tx], strict=True)
_read_tx = wire_decoder(_Tx, strict=True)
_read_fees = wire_decoder(_FeeTable, strict=True)


def _spend_of(row: _Tx) -> Spend | None:
    """A confirmed transaction; `None` for one that waits."""
    status = row.status
    if not status.confirmed or status.block_time is None or status.block_height is None:
        return None
    mined = any(coin.is_coinbase for coin in row.vin)
    if not mined and any(coin.prevout is None for coin in row.vin):
        raise SourceMalformed("an input without its value")
    inputs = [coin.prevout for coin in row.vin if coin.prevout and not mined]
    return Spend(
        txid=row.txid,
        inputs=tuple(Coin(one.scriptpubkey_address or None, one.value) for one in inputs),
        outputs=tuple(Coin(one.scriptpubkey_address or None, one.value) for one in row.vout),
        time_ms=read_seconds(status.block_time) or 0,
        block=status.block_height,
        fee_sats=row.fee,
    )
