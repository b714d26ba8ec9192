"""What several venues say of the same pair: which quotes can be compared, on what they agree."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from lib.feeds import TICKERS, VENUES
from lib.highway.plausible import ENOUGH, OFF, OTHER_COIN, find_agreement, off
from lib.market import Ticker
from lib.sourced import FAILURES, Attempt, Sourced
from lib.units import PairName, Price, UnixMs

if TYPE_CHECKING:
    from lib.highway.canvass import Canvass

QUOTES: Final = replace(TICKERS, sources=VENUES)
"""The tickers of venues alone: an aggregator's price is made of theirs."""

TOO_OLD_S: Final = 60.0
"""A quote whose own time lies further back is compared with none."""

BASIS_POINTS: Final = 10_000

Why = Literal["outlier", "disputed", "too_old", "stuck", "other_quote", "failed"]


class VenueQuote(Struct, frozen=True, kw_only=True):
    """What one venue says. `age_s` is by the venue's own time, `deviation_bps` from the median.

    `comparable` quotes are in the median's currency; those `used` made it, the others stand in
    `dropped` with the reason.
    """

    source: str
    pair: PairName
    price: Price
    bid: Price | None
    ask: Price | None
    as_of: UnixMs
    age_s: float
    comparable: bool
    used: bool = False
    deviation_bps: float | None = None


class Dropped(Struct, frozen=True):
    """A venue that does not count, and why: in a word and in a sentence."""

    source: str
    why: Why
    reason: str


class Consensus(Struct, frozen=True, kw_only=True):
    """Quotes of one pair side by side. `median` and `spread_bps` (from the lowest to the highest
    quote used, as a share of the median) are null where fewer than two venues agree."""

    currency: str
    quotes: list[VenueQuote]
    dropped: list[Dropped]
    used: int
    median: Price | None = None
    spread_bps: float | None = None
    reason: str = ""


def build_consensus(told: "Canvass[Ticker]", asked: str, now_ms: int) -> Consensus:
    """Compare what venues say of a pair, each quote with those in the same currency only.

    Args:
        told: tickers by venue, and what came of asking each.
        asked: the currency asked for; where fewer than two venues quote it, the one that most
            quote is compared. US dollars and Tether are two currencies.
    """
    found, stuck = told.found, told.stuck
    ages = {source: max(0.0, (now_ms - one.as_of_ms) / 1000) for source, one in found.items()}
    usable = {s: one.value for s, one in found.items() if s not in stuck and ages[s] <= TOO_OLD_S}
    currency = _currency(usable, asked)
    prices = {s: row.last for s, row in usable.items() if row.pair.quote == currency}
    agreed = find_agreement(prices, told.known)
    reason = "" if agreed else _no_agreement(prices, currency)
    if agreed and len(agreed.sources) < ENOUGH:
        (only,) = agreed.sources
        agreed, reason = None, f"{only} alone is near the market table's price: another coin's?"
    used = agreed.sources if agreed else frozenset()
    median = agreed.median if agreed else None
    quotes = [
        _quote(source, one, ages[source], currency, used, median) for source, one in found.items()
    ]
    return Consensus(
        currency=currency,
        quotes=quotes,
        dropped=[*_unused(quotes, stuck, median), *_silent(told.tried, found, stuck)],
        used=len(used),
        median=median,
        spread_bps=_spread([prices[source] for source in used], median),
        reason=reason,
    )


def _currency(usable: Mapping[str, Ticker], asked: str) -> str:
    counts = Counter(row.pair.quote for row in usable.values())
    if counts[asked] >= ENOUGH or not counts:
        return asked
    most = max(counts, key=lambda quote: (counts[quote], quote == asked))
    return most if counts[most] >= ENOUGH else asked


def _quote(
    source: str,
    one: Sourced[Ticker],
    age_s: float,
    currency: str,
    used: Collection[str],
    median: float | None,
) -> VenueQuote:
    row = one.value
    comparable = row.pair.quote == currency
    deviation = (row.last / median - 1) * BASIS_POINTS if median and comparable else None
    return VenueQuote(
        source=source,
        pair=str(row.pair),
        price=row.last,
        bid=row.bid,
        ask=row.ask,
        as_of=one.as_of_ms,
        age_s=round(age_s, 3),
        comparable=comparable,
        used=source in used,
        deviation_bps=deviation,
    )


def _unused(
    quotes: Sequence[VenueQuote], stuck: Collection[str], median: float | None
) -> list[Dropped]:
    return [Dropped(one.source, *_why(one, stuck, median)) for one in quotes if not one.used]


def _why(one: VenueQuote, stuck: Collection[str], median: float | None) -> tuple[Why, str]:
    if one.source in stuck:
        return "stuck", "says the same as ever while others move"
    if one.age_s > TOO_OLD_S:
        return "too_old", f"{one.age_s:.0f} s old by the venue's own time, over {TOO_OLD_S:.0f} s"
    if not one.comparable:
        return "other_quote", f"priced as {one.pair}, which is another currency"
    if median is None:
        return "disputed", "no majority of venues agrees"
    share = off(one.price, median)
    doubt = "; perhaps another coin of this ticker" if share > OTHER_COIN else ""
    return "outlier", f"{share:.1%} off the median, over {OFF:.0%}, while others agree{doubt}"


def _silent(
    tried: Sequence[Attempt], found: Collection[str], stuck: Collection[str]
) -> list[Dropped]:
    """Venues that should have said something; those that do not list the pair are none."""
    failed = [one for one in tried if one.source not in found and one.outcome in FAILURES]
    return [
        Dropped(one.source, "stuck", "says the same as ever while others move")
        if one.source in stuck
        else Dropped(one.source, "failed", one.outcome)
        for one in failed
    ]


def _spread(prices: Sequence[float], median: float | None) -> float | None:
    return (max(prices) - min(prices)) / median * BASIS_POINTS if median else None


def _no_agreement(prices: Mapping[str, float], currency: str) -> str:
    if len(prices) < ENOUGH:
        venues = ", ".join(prices) or "no venue"
        return f"fewer than two venues have a quote in {currency} to compare: {venues}"
    return f"no majority of {len(prices)} venues agrees within {OFF:.0%}"
