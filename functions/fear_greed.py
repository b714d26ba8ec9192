"""GET /api/fear-greed: the fear and greed index alone."""

from typing import Annotated

from msgspec import Struct
from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.clock import iso_utc
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import MOODS
from lib.queries import Everything
from lib.units import IsoTime, UnixMs


class FearGreedRequest(Request):
    """How many days."""

    limit: Annotated[int, Field(ge=1, le=30)] = 1


class FearGreedDay(Struct):
    """The index on one day."""

    value: int
    value_classification: str
    timestamp: UnixMs


class FearGreedReply(Reply, kw_only=True):
    """0 is extreme fear, 100 extreme greed; `data` goes from the newest day backwards."""

    value: int
    value_classification: str
    timestamp: UnixMs
    last_updated: IsoTime
    source: str
    data: list[FearGreedDay]


async def fear_greed(request: FearGreedRequest, ctx: Context) -> FearGreedReply:
    """The published fear and greed index, and that of the days before."""
    moods = await ctx.fetch(MOODS, Everything())
    now = moods.now
    past = [mood for mood in reversed(moods.days) if mood.time_ms < now.time_ms]
    days = [FearGreedDay(mood.value, mood.word, mood.time_ms) for mood in (now, *past)]
    return FearGreedReply(
        value=now.value,
        value_classification=now.word,
        timestamp=now.time_ms,
        last_updated=iso_utc(now.time_ms),
        source=ctx.source_of(MOODS),
        data=days[: request.limit],
    )


endpoints = (
    Endpoint(
        method="GET",
        path="/api/fear-greed",
        request=FearGreedRequest,
        reply=FearGreedReply,
        call=fear_greed,
        feeds=(MOODS,),
        tag="Sentiment",
    ),
)
handler = lambda_handler(*endpoints)
