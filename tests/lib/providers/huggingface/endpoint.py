"""An endpoint at Hugging Face on paper, and the road to it."""

import httpx

from lib.clock import Clock
from lib.news import Verdict
from lib.providers.huggingface import HuggingFace
from lib.queries import TextsQuery
from lib.store import Store

TEXTS = TextsQuery(("Bitcoin soars", "Exchange hacked"))
UP = [
    {"label": "Bullish", "score": 0.7},
    {"label": "Neutral", "score": 0.2},
    {"label": "Bearish", "score": 0.1},
]
DOWN = [
    {"label": "negative", "score": 0.9},
    {"label": "positive", "score": 0.06},
    {"label": "neutral", "score": 0.04},
]
READ_UP, READ_DOWN = Verdict("positive", 0.6, 0.7), Verdict("negative", -0.84, 0.9)


def remote(
    client: httpx.AsyncClient,
    clock: Clock,
    url: str | None,
    monthly_usd: float = 0.1,
    store: Store | None = None,
) -> HuggingFace:
    """The provider, aimed at an address."""
    made = HuggingFace(client, clock, None, "a-token")
    made.aim(sentiment_url=url, forecast_url=url, monthly_usd=monthly_usd, store=store)
    return made
