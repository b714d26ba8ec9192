"""Large transfers as alerts: collected over chains, valued with our own prices, sides named."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Final, Literal

from msgspec import Struct

from lib.chain import CHAINS, COINS, EVM_CHAINS, Transfer
from lib.context import Context, gather
from lib.errors import UpstreamUnavailable
from lib.feeds import (
    BITCOIN_TRANSFERS,
    BSC_TRANSFERS,
    ETHEREUM_TRANSFERS,
    POLYGON_TRANSFERS,
    TICKERS,
    WHALE_ALERTS,
)
from lib.market import DOLLARS, Pair
from lib.queries import Everything, PairQuery
from lib.units import Money, UnixMs
from lib.wallets import Wallets

FLOOR_USD: Final = 100_000
"""Below this we do not look closely: the largest transfers of a block are far above."""

PRICE_AGE_S: Final = 60.0

FEEDS: Final = {
    "ethereum": ETHEREUM_TRANSFERS,
    "bsc": BSC_TRANSFERS,
    "polygon": POLYGON_TRANSFERS,
    "bitcoin": BITCOIN_TRANSFERS,
}

UNKNOWN: Final = "Unknown Wallet"
NAMED: Final = {"0x" + "0" * 40: "Null Address"}

Kind = Literal["exchange_inflow", "exchange_outflow", "exchange_transfer", "unknown"]


class Alert(Struct, frozen=True):
    """A large transfer: how much, what it is worth, from whom to whom."""

    id: str
    time_ms: UnixMs
    hash: str
    sender: str | None
    recipient: str | None
    sender_owner: str | None
    recipient_owner: str | None
    amount: float
    token: str
    usd: Money
    chain: str
    kind: Kind


async def fetch_alerts(ctx: Context, chain: str | None, min_usd: float) -> list[Alert]:
    """Alerts of one chain or of all, newest first.

    Raises:
        UpstreamUnavailable: not one chain could be read.
    """
    chains = [chain] if chain else list(CHAINS)
    transfers, prices = await gather(_transfers(ctx, chains), _prices(ctx, chains))
    if min_usd < FLOOR_USD:
        ctx.lacks("alerts[]", f"transfers below {FLOOR_USD} dollars are not looked for")
    alerts = build_alerts(transfers, prices, ctx.wallets, max(min_usd, FLOOR_USD))
    for symbol in {t.priced_as for t in transfers if t.usd is None} - prices.keys():
        ctx.lacks(f"alerts[{symbol}]", f"nobody says what {symbol} is worth", failed=True)
    return alerts


def build_alerts(
    transfers: Iterable[Transfer], prices: Mapping[str, float], wallets: Wallets, min_usd: float
) -> list[Alert]:
    """What is worth at least so much, newest first. Without a price there is no alert.

    What may be a sender's change counts only where it went to a known exchange that is not the
    sender: nobody's change lands there.
    """
    alerts = [
        alert
        for transfer in transfers
        if (alert := _alert(transfer, prices, wallets)) and alert.usd >= min_usd
    ]
    return sorted(alerts, key=lambda alert: (-alert.time_ms, -alert.usd, alert.id))


def label(address: str | None, owner: str | None) -> str:
    """A side of a transfer: `0x… (Binance)`, `0x… (Unknown Wallet)`."""
    named = owner or NAMED.get(address or "", UNKNOWN)
    return f"{address} ({named})" if address else named


def kind_of(sender: str | None, recipient: str | None) -> Kind:
    """By the exchanges that hold the two wallets."""
    if sender and recipient:
        return "exchange_transfer"
    if recipient:
        return "exchange_inflow"
    return "exchange_outflow" if sender else "unknown"


def _alert(transfer: Transfer, prices: Mapping[str, float], wallets: Wallets) -> Alert | None:
    price = prices.get(transfer.priced_as)
    usd = transfer.amount * price if price else transfer.usd
    sender = transfer.sender_owner or wallets.owner(transfer.chain, transfer.sender)
    recipient = transfer.recipient_owner or wallets.owner(transfer.chain, transfer.recipient)
    if usd is None or (transfer.may_be_change and recipient in (None, sender)):
        return None
    return Alert(
        id=_identity(transfer),
        time_ms=transfer.time_ms,
        hash=transfer.hash,
        sender=transfer.sender,
        recipient=transfer.recipient,
        sender_owner=sender,
        recipient_owner=recipient,
        amount=transfer.amount,
        token=transfer.token,
        usd=usd,
        chain=transfer.chain,
        kind=kind_of(sender, recipient),
    )


def _identity(transfer: Transfer) -> str:
    """The same for the same transfer, whenever and wherever it is asked for."""
    words = f"{transfer.chain}:{transfer.hash}:{transfer.index}"
    return "whale_" + blake2b(words.encode(), digest_size=8).hexdigest()


async def _transfers(ctx: Context, chains: Sequence[str]) -> list[Transfer]:
    calls = [_of_chain(ctx, chain, alone=len(chains) == 1) for chain in chains]
    *derived, bought = await gather(*calls, _bought(ctx, chains))
    if all(rows is None for rows in derived) and not bought:
        reasons = {chain: ctx.missing.get(f"alerts[{chain}]", "failed") for chain in chains}
        raise UpstreamUnavailable("No chain can be read at the moment", {"sources": reasons})
    rows = [row for found in derived for row in found or ()]
    seen = {(row.chain, row.hash) for row in rows}
    return rows + [row for row in bought if (row.chain, row.hash) not in seen]


async def _of_chain(ctx: Context, chain: str, *, alone: bool) -> tuple[Transfer, ...] | None:
    if alone and not ctx.can_ask(WHALE_ALERTS):
        return (await ctx.fetch(FEEDS[chain], Everything())).rows
    found = await ctx.fetch_or_none(FEEDS[chain], Everything(), f"alerts[{chain}]")
    return found.rows if found else None


async def _bought(ctx: Context, chains: Sequence[str]) -> tuple[Transfer, ...]:
    """Whale Alert's rows, for who has its key."""
    if not ctx.can_ask(WHALE_ALERTS):
        return ()
    found = await ctx.fetch_or_none(WHALE_ALERTS, Everything(), "alerts[whale_alert]")
    everywhere = len(chains) == len(CHAINS)
    return tuple(row for row in found.rows if everywhere or row.chain in chains) if found else ()


async def _prices(ctx: Context, chains: Sequence[str]) -> dict[str, float]:
    """What a unit of each coin and watched token of these chains is worth in dollars."""
    wanted = {COINS[chain] for chain in chains}
    for chain in chains:
        if chain in EVM_CHAINS:
            wanted |= {token.priced_as for token in EVM_CHAINS[chain].tokens.values()}
    symbols = sorted(wanted)
    found = await gather(*(price_of(ctx, symbol) for symbol in symbols))
    return {symbol: price for symbol, price in zip(symbols, found, strict=True) if price}


async def price_of(ctx: Context, symbol: str) -> float | None:
    """The price of an asset in dollars; of a dollar coin too, which is worth what it trades at."""
    note = f"prices[{symbol}]"

    async def last(quote: str) -> float | None:
        query = PairQuery(Pair(symbol, quote))
        ticker = await ctx.fetch_or_none(TICKERS, query, note, fresh_s=PRICE_AGE_S)
        return ticker.last if ticker else None

    found = await gather(*(last(quote) for quote in _quotes(symbol)))
    price: float | None = next((price for price in found if price), None)
    if price:
        ctx.missing.pop(note, None)
    return price


def _quotes(symbol: str) -> tuple[str, ...]:
    if symbol == "USDT":
        return ("USD",)
    return ("USD", "USDT") if symbol in DOLLARS else ("USDT",)
