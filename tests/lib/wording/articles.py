"""The corpus' real articles, as the tests of wording read them."""

import csv
import gzip
from typing import NamedTuple

from lib.news import NewsItem
from lib.wire.iso import parse_iso
from lib.wording.article import Draft, build_article
from tests.conftest import Corpus


class Row(NamedTuple):
    """One row of the file."""

    published_at: str
    source: str
    title: str
    summary: str
    url: str

    def article(self) -> NewsItem:
        """As it would have been read on its day."""
        at_ms = parse_iso(self.published_at)
        assert at_ms is not None
        url = self.url or "https://cryptonews.example/unstated"  # one row has none
        item = build_article(Draft(self.title, url, at_ms, self.source, self.summary), at_ms)
        assert item is not None
        return item


def read_rows(corpus: Corpus) -> list[Row]:
    """All 5,225, in the order of the file."""
    path = corpus.root / "news" / "cryptonews_2021_2022.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [Row(*(row[name] for name in Row._fields)) for row in csv.DictReader(lines)]
