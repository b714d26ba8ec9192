"""The tone of texts, told by what ships with the service: no network, no key, no cost."""

from lib.feeds import SENTIMENT
from lib.news import Verdicts
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
        judge = embedded_judge().judge
        return Verdicts(tuple(map(judge, query.texts)), MODEL, self._clock.now_ms())
