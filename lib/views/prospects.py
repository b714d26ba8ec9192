"""Where a pair may go in the short, medium and long term, by the models."""

from typing import Final

from msgspec import Struct

from lib.context import Context, gather
from lib.errors import ApiError, InsufficientData
from lib.market import Pair
from lib.outlook import Direction, Forecast
from lib.views.foresight import Timeframe, fetch_closed, fetch_forecast

TERMS: Final[tuple[tuple[str, Timeframe], ...]] = (
    ("short_term", "1h"), ("medium_term", "4h"), ("long_term", "1d"),
)  # fmt: skip
"""Each term is 24 bars: a day, four days, and just over three weeks."""

BARS_AHEAD: Final = 24


class Prospect(Struct, kw_only=True):
    """Directions, neutral unless the calibrated chance is clear of one half. `confidence` is the
    calibrated chance that the price moves to the likelier side in the short term."""

    short_term: Direction | None
    medium_term: Direction | None
    long_term: Direction | None
    confidence: float | None
    probability_up: dict[str, float | None]
    model: str | None


async def read_prospect(ctx: Context, pair: Pair, at: str) -> Prospect:
    """The three terms' directions; a term without a forecast is null, with the reason. `at` is
    where this part stands in the reply."""
    found = await gather(*(_term(ctx, pair, term, timeframe, at) for term, timeframe in TERMS))
    said: dict[str, Forecast | None] = {
        term: one for (term, _), one in zip(TERMS, found, strict=True)
    }
    up = {term: one.probability_up if one else None for term, one in said.items()}
    short = up["short_term"]
    if short is None:
        ctx.lacks(f"{at}.confidence", "there is no short-term forecast")
    first = next((one for one in said.values() if one), None)
    return Prospect(
        **{term: one.direction if one else None for term, one in said.items()},
        confidence=max(short, 1 - short) if short is not None else None,
        probability_up=up,
        model=first.model if first else None,
    )


async def _term(ctx: Context, pair: Pair, term: str, timeframe: str, at: str) -> Forecast | None:
    try:
        candles = await fetch_closed(ctx, pair, timeframe)
        return await fetch_forecast(ctx, pair, timeframe, candles, BARS_AHEAD)
    except ApiError as error:
        failed = not isinstance(error, InsufficientData)
        ctx.lacks(f"{at}.{term}", error.message, failed=failed)
        ctx.lacks(f"{at}.probability_up.{term}", error.message)
        return None
