"""Other currencies than the dollar: real rates, or a refusal."""

from lib.context import Context
from lib.errors import InvalidParameter
from lib.feeds import RATES
from lib.market import DOLLARS
from lib.queries import Everything


async def dollar_rate(ctx: Context, currency: str, field: str) -> float:
    """What one US dollar is worth in `currency` (capitals); 1 for the dollar itself.

    Raises:
        InvalidParameter: nobody gives a rate for this currency.
        UpstreamUnavailable: no source of rates answers.
    """
    if currency in DOLLARS:
        return 1.0
    rates = await ctx.fetch(RATES, Everything())
    rate = rates.per_usd.get(currency)
    if rate is None:
        known = dict.fromkeys(("USD", *sorted(rates.per_usd)[:60]))
        raise InvalidParameter.of(field, currency.lower(), f"one of {', '.join(known)}".lower())
    ctx.note(rate_source=ctx.source_of(RATES))
    return rate
