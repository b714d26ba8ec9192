"""The tone of texts, told by what ships with the service: no network, no key, no cost."""

from lib.feeds import SENTIMENT
from lib.news import Verdicts
from lib.providers.base import Provider, serves
from lib.queries import TextsQuery
from lib.wording.tone import MODEL, judge


class EmbeddedSentiment(Provider):
    """A list of words (see `lib.wording.tone`); macro-F1 0.57 on labelled crypto headlines."""

    name = "embedded_sentiment"
    base_url = ""

    @serves(SENTIMENT)
    async def judged(self, query: TextsQuery) -> Verdicts:
        """One verdict a text."""
        return Verdicts(tuple(map(judge, query.texts)), MODEL, self._clock.now_ms())
