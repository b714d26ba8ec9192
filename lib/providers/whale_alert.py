"""Whale Alert, large transfers on many chains. https://developer.whale-alert.io/documentation"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final

from msgspec import Meta, Raw, Struct, field

from lib.assets import clean_text
from lib.chain import EVM_CHAINS, Transfer, Transfers
from lib.errors import NoKey, SourceError, SourceMalformed, SourceThrottled, SourceUnavailable
from lib.feeds import WHALE_ALERTS
from lib.providers.base import Limit, Provider, serves
from lib.queries import Everything
from lib.wire.typed import Number, positive, read_rows, wire_decoder

SPAN_S: Final = 3600  # as far back as the smallest plan sees
LEAST_USD: Final = 500_000  # the least that the smallest plan takes


class WhaleAlert(Provider):
    """Keyed, without a free plan."""

    name = "whale_alert"
    base_url = "https://api.whale-alert.io"
    limits: ClassVar[tuple[Limit, ...]] = (Limit(10, 60),)
    key_variable = "WHALE_ALERT_KEY"
    needs_key = True
    attribution = "Whale Alert"
    terms = "Paid plans only, personal use; 10 calls a minute."

    def headers(self) -> dict[str, str]:
        """The key travels in a header: an address may end up in a log."""
        return {"X-WA-API-KEY": self._key} if self._key else {}

    @serves(WHALE_ALERTS)
    async def alerts(self, _: Everything) -> Transfers:
        """Large transfers of the last hour, on every chain that the plan knows."""
        since_s = self._clock.now_ms() // 1000 - SPAN_S
        payload = await self.get("/v1/transactions", min_value=LEAST_USD, start=since_s, limit=100)
        return await self.decode(parse_alerts, payload, since_s * 1000, payload.time_ms)

    def refuse(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """401: no valid key."""
        if status == 401:
            raise NoKey("whale_alert: 401")
        super().refuse(status, headers, body)


def parse_alerts(body: bytes, since_ms: int, time_ms: int) -> Transfers:
    """Read `/v1/transactions`: hex without 0x, no `transactions` at all where there is none,
    `owner` only of known parties.

    Raises:
        SourceError: a refusal, which comes with HTTP 200 too.
    """
    answer: _Answer = _read_answer(body)
    if answer.result != "success":
        raise _refusal(answer.message or "")
    told = bytes(answer.transactions)
    if told == b"null" and answer.count != 0:
        raise SourceMalformed("no transactions, and not said to be none")
    read = [] if told == b"null" else read_rows(told, _read_row)
    rows = tuple(transfer for row in read if (transfer := _transfer(row)))
    if not rows and told not in (b"null", b"[]"):
        raise SourceMalformed("not one transfer among the rows")
    newest = max((row.time_ms for row in rows), default=time_ms)
    return Transfers(rows, since_ms, newest)


class _Party(Struct):
    address: str | None = None
    owner: str | None = None
    owner_type: str | None = None


class _Row(Struct):
    chain: str = field(name="blockchain")
    symbol: str
    id: str | int
    hash: Annotated[str, Meta(pattern=r"^[0-9A-Za-z:_-]{8,120}\Z")]
    sender: _Party = field(name="from")
    recipient: _Party = field(name="to")
    timestamp: Annotated[int, Meta(gt=0, lt=10**10)]
    amount: Annotated[float, Meta(gt=0, lt=1e20)]
    amount_usd: Number = None


class _Answer(Struct):
    result: str
    count: int | None = None
    message: str | None = None
    transactions: Raw = Raw(b"null")


_read_answer = wire_decoder(_Answer)
_read_row = wire_decoder(_Row)

MOST_USD: Final = 1e15
_PRICED_AS: Final = {"WETH": "ETH", "WBTC": "BTC", "BTCB": "BTC"}


def _transfer(row: _Row) -> Transfer | None:
    chain, symbol = clean_text(row.chain, 32).lower(), clean_text(row.symbol, 20).upper()
    if not chain or not symbol:
        return None
    return Transfer(
        chain=chain,
        hash="0x" + row.hash.lower() if chain in EVM_CHAINS and len(row.hash) == 64 else row.hash,
        index=clean_text(str(row.id), 40),
        time_ms=row.timestamp * 1000,
        sender=_address(row.sender, chain),
        recipient=_address(row.recipient, chain),
        amount=row.amount,
        token=symbol,
        priced_as=_PRICED_AS.get(symbol, symbol),
        sender_owner=_exchange(row.sender),
        recipient_owner=_exchange(row.recipient),
        usd=_dollars(row.amount_usd),
    )


def _dollars(stated: Number) -> float | None:
    """What it was worth; nothing is worth nothing, nor more than there is."""
    usd = positive(stated)
    return usd if usd and usd < MOST_USD else None


def _address(party: _Party, chain: str) -> str | None:
    """As the chain writes it; also "Multiple Addresses"."""
    text = clean_text(party.address, 100)
    if chain in EVM_CHAINS and len(text) == 40 and text.isalnum():
        return "0x" + text.lower()
    return text or None


def _exchange(party: _Party) -> str | None:
    return clean_text(party.owner, 40) or None if party.owner_type == "exchange" else None


def _refusal(message: str) -> SourceError:
    words = message.lower()
    if "api_key" in words or "api key" in words:
        return NoKey("whale_alert: the key is refused")
    if "limit" in words:
        return SourceThrottled("whale_alert: limit exceeded", 60)
    return SourceUnavailable("whale_alert: refused")
