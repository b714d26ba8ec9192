"""Blockchain.com's explorer: whole blocks of Bitcoin. https://www.blockchain.com/explorer/api"""

from typing import Annotated, ClassVar, Final

from msgspec import Meta, Struct

from lib.chain import Transfers, largest
from lib.errors import SourceMalformed
from lib.feeds import BITCOIN_TRANSFERS
from lib.providers.base import Limit, Provider, serves
from lib.queries import Everything
from lib.wire.bitcoin import Address, Coin, Spend, transfers_of
from lib.wire.typed import wire_decoder

MOST: Final = 100  # transfers of a block that are kept


class BlockchainInfo(Provider):
    """Keyless. A block is one answer of several megabytes: asked only when nobody else answers."""

    name = "blockchain_info"
    base_url = "https://blockchain.info"
    limits: ClassVar[tuple[Limit, ...]] = (Limit(12, 60),)
    attribution = "Bitcoin data by Blockchain.com"
    terms = "Public API without a key; one call in ten seconds."

    @serves(BITCOIN_TRANSFERS, weight=2)
    async def transfers(self, _: Everything) -> Transfers:
        """The transfers of the newest block."""
        newest = parse_latest((await self.get("/latestblock")).body)
        payload = await self.get(f"/rawblock/{newest}")
        return await self.decode(parse_block, payload, newest)


Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Sats = Annotated[int, Meta(ge=0, le=21 * 10**14)]


def parse_latest(body: bytes) -> str:
    """Read `/latestblock`: the hash of the newest block."""
    latest: _Latest = _read_latest(body)
    return latest.hash


def parse_block(body: bytes, block_hash: str) -> Transfers:
    """Read `/rawblock/{hash}`: values in satoshi; the input of new coins has no `prev_out`.

    Raises:
        SourceMalformed: it is another block.
    """
    block: _Block = _read_block(body)
    if block.hash != block_hash:
        raise SourceMalformed("another block than was asked for")
    time_ms = block.time * 1000
    spends = [_spend_of(row, time_ms, block.height) for row in block.tx]
    rows = [row for spend in spends for row in transfers_of(spend)]
    return Transfers(largest(rows, MOST), time_ms, time_ms)


class _Latest(Struct):
    hash: Hash


class _Out(Struct):
    value: Sats
    addr: Address | None = None


class _In(Struct):
    prev_out: _Out | None = None


class _Tx(Struct):
    hash: Hash
    inputs: list[_In]
    out: list[_Out]
    fee: Sats | None = None


class _Block(Struct):
    hash: Hash
    time: Annotated[int, Meta(gt=0, lt=10**10)]
    height: Annotated[int, Meta(ge=0, lt=10**9)]
    tx: Annotated[list[_Tx], Meta(min_length=1)]


_read_latest = wire_decoder(_Latest, strict=True)
_read_block = wire_decoder(_Block, strict=True)


def _spend_of(row: _Tx, time_ms: int, height: int) -> Spend:
    spent = [coin.prev_out for coin in row.inputs]
    if any(coin is None for coin in spent):
        # new coins have one input, and it comes from nowhere
        if len(spent) > 1:
            raise SourceMalformed("an input without its value")
        spent = []
    return Spend(
        txid=row.hash,
        inputs=tuple(Coin(coin.addr or None, coin.value) for coin in spent if coin),
        outputs=tuple(Coin(coin.addr or None, coin.value) for coin in row.out),
        time_ms=time_ms,
        block=height,
        fee_sats=row.fee,
    )
