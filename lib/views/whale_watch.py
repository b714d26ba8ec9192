"""Collects large transfers over chains, and what they are worth, for a reply in the making."""

import asyncio
from collections.abc import Sequence
from typing import Final, TypeVar

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
    Feed,
)
from lib.market import DOLLARS, Pair
from lib.queries import Everything, PairQuery, Query
from lib.views.whales import Alert, build_alerts

Q = TypeVar("Q", bound=Query)
T = TypeVar("T")

FLOOR_USD: Final = 100_000
"""Below this we do not look closely: the largest transfers of a block are far above."""

PRICE_AGE_S: Final = 60.0

CHAIN_PATIENCE_S: Final = 1.5
PRICE_PATIENCE_S: Final = 0.9
"""How long one part may keep the others waiting."""

FEEDS: Final = {
    "ethereum": ETHEREUM_TRANSFERS,
    "bsc": BSC_TRANSFERS,
    "polygon": POLYGON_TRANSFERS,
    "bitcoin": BITCOIN_TRANSFERS,
}


async def fetch_alerts(
    ctx: Context, chain: str | None, min_usd: float, called: str = "alerts"
) -> list[Alert]:
    """Alerts of one chain or of all, newest first. `called` is the reply's name of them.

    Raises:
        UpstreamUnavailable: not one chain could be read.
    """
    chains = [chain] if chain else list(CHAINS)
    transfers, prices = await gather(_transfers(ctx, chains, called), _prices(ctx, chains))
    if min_usd < FLOOR_USD:
        ctx.lacks(f"{called}[]", f"transfers below {FLOOR_USD} dollars are not looked for")
    alerts = build_alerts(transfers, prices, ctx.wallets, max(min_usd, FLOOR_USD))
    for symbol in {t.priced_as for t in transfers if t.usd is None} - prices.keys():
        ctx.lacks(f"{called}[{symbol}]", f"nobody says what {symbol} is worth", failed=True)
    return alerts


async def _transfers(ctx: Context, chains: Sequence[str], called: str) -> list[Transfer]:
    alone = len(chains) == 1
    calls = [_of_chain(ctx, chain, f"{called}[{chain}]", alone=alone) for chain in chains]
    *derived, bought = await gather(*calls, _bought(ctx, chains, f"{called}[whale_alert]"))
    if all(rows is None for rows in derived) and not bought:
        reasons = {chain: ctx.missing.get(f"{called}[{chain}]", "failed") for chain in chains}
        raise UpstreamUnavailable("No chain can be read at the moment", {"sources": reasons})
    rows = [row for found in derived for row in found or ()]
    seen = {(row.chain, row.hash) for row in rows}
    return rows + [row for row in bought if (row.chain, row.hash) not in seen]


async def _of_chain(
    ctx: Context, chain: str, note: str, *, alone: bool
) -> tuple[Transfer, ...] | None:
    if alone and not ctx.can_ask(WHALE_ALERTS):
        return (await ctx.fetch(FEEDS[chain], Everything())).rows
    found = await _in_time(ctx, FEEDS[chain], Everything(), note, CHAIN_PATIENCE_S)
    return found.rows if found else None


async def _bought(ctx: Context, chains: Sequence[str], note: str) -> tuple[Transfer, ...]:
    """Whale Alert's rows, for who has its key."""
    if not ctx.can_ask(WHALE_ALERTS):
        return ()
    found = await _in_time(ctx, WHALE_ALERTS, Everything(), note, CHAIN_PATIENCE_S)
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
        ticker = await _in_time(ctx, TICKERS, query, note, PRICE_PATIENCE_S, PRICE_AGE_S)
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


async def _in_time(
    ctx: Context,
    feed: Feed[Q, T],
    query: Q,
    note: str,
    patience_s: float,
    fresh_s: float | None = None,
) -> T | None:
    """A part that the reply can do without. Whoever is late is not called off: the next reply
    has it."""
    try:
        async with asyncio.timeout(patience_s):
            return await ctx.fetch_or_none(feed, query, note, fresh_s=fresh_s)
    except TimeoutError:
        ctx.lacks(note, "no answer in time", failed=True)
        return None
