"""One story once."""

import pytest

from lib.news import NewsItem
from lib.wording.article import shipped_tagger
from lib.wording.stories import WINDOW_MS, cluster, title_words
from tests.conftest import Corpus
from tests.lib.wording.articles import read_rows

NOW_MS = 1_764_000_000_000
TITLE = "Swiss mega-bank UBS ramps up its Bitcoin exposure"


def item(title: str = TITLE, url: str = "https://a.example/1", **more: object) -> NewsItem:
    """An article."""
    fields: dict[str, object] = {"outlet": "CoinDesk", "published_ms": NOW_MS, "score": 0.0}
    return NewsItem(title=title, url=url, **(fields | more))  # type: ignore[arg-type]


def coins(text: str) -> tuple[str, ...]:
    """What a text names."""
    return shipped_tagger().find(text)


def sizes(*items: NewsItem) -> list[int]:
    """How many articles each cluster has."""
    return sorted(len(members) for members in cluster(items))


@pytest.mark.parametrize(
    "other",
    [
        item("Quite another title", "https://a.example/1?utm_source=x"),
        item(TITLE, "https://b.example/2", outlet="Decrypt"),
        item(TITLE.upper(), "https://b.example/2", outlet="Decrypt"),
        item(f"{TITLE} - Decrypt", "https://b.example/2", outlet="Decrypt"),
        item(f"{TITLE} | CoinDesk", "https://b.example/2", outlet="Google News"),
        item(f"{TITLE}!", "https://b.example/2", outlet="Decrypt"),
        item("Swiss mega\u2010bank UBS ramps up its Bitcoin exposure", "https://b.example/2"),
        item(f"{TITLE} further", "https://b.example/2", outlet="Decrypt"),
    ],
)
def test_the_same_story_in_another_dress_is_one_story(other: NewsItem) -> None:
    assert sizes(item(), other) == [2]


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("Price analysis {}: what is next for the market now", "3/18", "3/21"),
        ("Why the {} price may rally another time this week, say analysts", "SOL", "ADA"),
        ("Court in New York {} the long awaited merger of exchanges today", "approves", "rejects"),
        ("Bitcoin rises above {} for the first time in a whole month", "$60K", "$61K"),
        ("Bitcoin {}", "gains", "slips"),
    ],
)
def test_stories_that_differ_in_number_coin_or_outcome_are_two(
    text: str, one: str, other: str
) -> None:
    first, second = (
        item(text.format(word), f"https://a.example/{word}", outlet=word, symbols=coins(word))
        for word in (one, other)
    )

    assert sizes(first, second) == [1, 1]


def test_a_column_of_every_day_is_a_new_story_each_day() -> None:
    today = item("Here's what happened in crypto today")
    tomorrow = item(
        "Here's what happened in crypto today",
        "https://a.example/2",
        published_ms=NOW_MS + WINDOW_MS + 1,
    )

    assert sizes(today, tomorrow) == [1, 1]


def test_the_earliest_leads_its_cluster() -> None:
    late = item(published_ms=NOW_MS + 1000)
    early = item(url="https://b.example/2", outlet="Decrypt")

    assert cluster([late, early]) == [[early, late]]


def test_a_suffix_counts_as_such_only_if_it_is_an_outlet() -> None:
    outlets = {"coindesk"}

    assert title_words("Bitcoin - CoinDesk", outlets) == ("bitcoin",)
    assert title_words("Bitcoin - the movie", outlets) == ("bitcoin", "the", "movie")


def test_of_500_real_neighbours_no_two_different_stories_are_merged(corpus: Corpus) -> None:
    rows = read_rows(corpus)
    for start in (0, 2000, 4700):
        neighbours = [row.article() for row in rows[start : start + 500]]

        merged = [members for members in cluster(neighbours) if len(members) > 1]

        for members in merged:  # none of these were planted: each must be told in the same words
            assert len({title_words(member.title) for member in members}) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row._replace(url=f"{row.url}?utm_source=rss&utm_campaign=7", title="Another"),
        lambda row: row._replace(url="https://x.example/" + row.url[-40:], title=row.title.upper()),
        lambda row: row._replace(
            url="https://x.example/" + row.url[-40:], title=f"{row.title} - CoinDesk"
        ),
    ],
    ids=["utm tags", "case", "suffix"],
)
def test_every_planted_duplicate_among_500_is_found(corpus: Corpus, change: object) -> None:
    rows = [row for row in read_rows(corpus)[1000:1500] if len(title_words(row.title)) > 1]
    planted = [
        change(row)._replace(source="CoinDesk", summary="")  # type: ignore[operator]
        for row in rows[::5]
    ]
    items = [row.article() for row in (*rows, *planted)]

    found = [members for members in cluster(items) if len(members) == 2]

    assert len(found) == len(planted)
