"""The tone of texts, told by what ships with the service: no network, no key, no cost."""

import asyncio
from collections.abc import Sequence

from lib.feeds import SENTIMENT
from lib.news import Verdict, Verdicts
from lib.providers.base import Provider, serves
from lib.queries import TextsQuery
from lib.wording.judge import MODEL, embedded_judge


class EmbeddedSentiment(Provider):
    """`sentiment_v1`; what it reached on labelled crypto headlines stands in `lib/models`."""

    name = "embedded_sentiment"
    base_url = ""

    @serves(SENTIMENT)
    async def judged(self, query: TextsQuery) -> Verdicts:
        """One verdict a text."""
        # in a thread: its weights take 90 ms to read, eight texts of 2000 letters as long to judge
        rows = await asyncio.to_thread(_judge, query.texts)
        return Verdicts(rows, MODEL, self._clock.now_ms())


def _judge(texts: Sequence[str]) -> tuple[Verdict, ...]:
    return tuple(map(embedded_judge().judge, texts))
