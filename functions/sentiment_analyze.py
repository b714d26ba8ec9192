"""POST /api/sentiment/analyze, /api/service/sentiment, /api/sentiment: the tone of given texts."""

from typing import Annotated

from msgspec import UNSET, Struct, UnsetType
from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.errors import InvalidParameter, Unauthorized
from lib.feeds import SENTIMENT
from lib.news import Tone, Verdict
from lib.queries import TextsQuery
from lib.views.fallback import why_fallen_back

LONGEST = 5000
MOST = 32
FREE = 8
"""More texts than this in one request need a key."""

WORDS: dict[Tone, str] = {"positive": "Bullish", "negative": "Bearish", "neutral": "Neutral"}

Text = Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=r"\S")]


class AnalyzeRequest(Request):
    """One text, or several. `mode` and `symbol` are accepted and change nothing."""

    text: Annotated[
        Text | None,
        Field(
            description=f"a text of up to {LONGEST} characters",
            examples=["Bitcoin rallies to a record high as ETF inflows surge"],
        ),
    ] = None
    texts: Annotated[
        list[Text] | None,
        Field(
            min_length=1,
            max_length=MOST,
            description=f"1 to {MOST} texts of up to {LONGEST} characters",
        ),
    ] = None


class Judged(Struct):
    """`score` goes from -1 to 1; `confidence` is how often such a verdict is right on labelled
    crypto headlines."""

    label: Tone
    sentiment: str
    score: float
    confidence: float
    model: str


class AnalyzeReply(Reply, kw_only=True):
    """One text's verdict in the reply itself, those of several texts in `results`, in order.
    `fallback_reason` says which model should have judged and did not, if so."""

    label: Tone | UnsetType = UNSET
    sentiment: str | UnsetType = UNSET
    score: float | UnsetType = UNSET
    confidence: float | UnsetType = UNSET
    model: str
    fallback_reason: str | UnsetType = UNSET
    results: list[Judged] | UnsetType = UNSET


async def sentiment_analyze(request: AnalyzeRequest, ctx: Context) -> AnalyzeReply:
    """The tone of `text`, or of each of `texts`; more than eight texts need an API key."""
    if (request.text is None) == (request.texts is None):
        raise InvalidParameter.of("text", request.text, "either text or texts")
    texts = tuple(request.texts or (request.text or "",))
    if len(texts) > FREE and ctx.principal is None:
        raise Unauthorized(
            f"More than {FREE} texts need an API key: send Authorization: Bearer KEY",
            headers={"WWW-Authenticate": "Bearer"},
        )
    found = await ctx.fetch(SENTIMENT, TextsQuery(texts))
    failed = why_fallen_back(ctx, SENTIMENT) or UNSET
    if request.texts is not None:
        rows = [_judged(row, found.model) for row in found.rows]
        return AnalyzeReply(model=found.model, fallback_reason=failed, results=rows)
    row = found.rows[0]
    return AnalyzeReply(
        label=row.tone,
        sentiment=WORDS[row.tone],
        score=row.score,
        confidence=row.confidence,
        model=found.model,
        fallback_reason=failed,
    )


async def service_sentiment(request: AnalyzeRequest, ctx: Context) -> AnalyzeReply:
    """The tone of texts, as `/api/sentiment/analyze`."""
    return await sentiment_analyze(request, ctx)


async def sentiment_of_text(request: AnalyzeRequest, ctx: Context) -> AnalyzeReply:
    """The tone of texts, as `/api/sentiment/analyze`."""
    return await sentiment_analyze(request, ctx)


def _judged(row: Verdict, model: str) -> Judged:
    return Judged(row.tone, WORDS[row.tone], row.score, row.confidence, model)


endpoints = tuple(
    Endpoint(
        method="POST",
        path=path,
        request=AnalyzeRequest,
        reply=AnalyzeReply,
        call=call,
        feeds=(SENTIMENT,),
        tag="Sentiment",
        cached=False,
        key_for_more=True,
    )
    for path, call in (
        ("/api/sentiment/analyze", sentiment_analyze),
        ("/api/service/sentiment", service_sentiment),
        ("/api/sentiment", sentiment_of_text),
    )
)
handler = lambda_handler(*endpoints)
