"""From what a source sends to an article."""

import pytest

from lib.wording.article import AHEAD_MS, MOST, Draft, build_article, build_articles, read_date

NOW_MS = 1_764_000_000_000  # 2025-11-24 16:00 UTC
HOUR_MS = 3_600_000
STORY = Draft("Bitcoin soars past $100K", "https://a.example/story", NOW_MS - HOUR_MS, "CoinDesk")


def test_an_article_is_cleaned_and_read() -> None:
    draft = STORY._replace(
        title="<b>Bitcoin</b> soars &amp; ETF inflows surge",
        url="https://a.example/story?utm_source=x",
        summary="<p>Ether follows.</p>",
        images=(None, "javascript:x", "//cdn.example.com/a.jpg"),
        language="en-US",
        topics=("<i>Markets</i>",),
    )

    item = build_article(draft, NOW_MS)

    assert item is not None
    assert item.title == "Bitcoin soars & ETF inflows surge"
    assert item.url == "https://a.example/story"
    assert item.summary == "Ether follows."
    assert item.image_url == "https://cdn.example.com/a.jpg"
    assert item.language == "en"
    assert item.symbols == ("BTC", "ETH")
    assert item.topics == ("etf", "price", "markets")
    assert item.score is not None
    assert item.score > 0


def test_only_english_is_judged() -> None:
    item = build_article(STORY._replace(language="es"), NOW_MS)

    assert item is not None
    assert item.score is None


def test_the_summary_is_the_content_where_there_is_no_other() -> None:
    item = build_article(STORY._replace(content="<p>All of it.</p>"), NOW_MS)

    assert item is not None
    assert (item.summary, item.content) == ("All of it.", "All of it.")


def test_the_first_picture_of_the_text_stands_in() -> None:
    markup = "<p>x</p><img src='https://cdn.example.com/b.png'>"

    item = build_article(STORY._replace(summary=markup), NOW_MS)

    assert item is not None
    assert item.image_url == "https://cdn.example.com/b.png"


@pytest.mark.parametrize(
    "odd",
    [
        {"title": ""},
        {"title": "<script>x</script>"},
        {"title": None},
        {"url": "javascript:alert(1)"},
        {"url": None},
        {"published_ms": None},
        {"published_ms": 1},
        {"published_ms": 4_070_908_800_000},
        {"published_ms": NOW_MS + AHEAD_MS + 1},
    ],
)
def test_what_lacks_a_title_an_address_or_a_possible_date_is_left_out(
    odd: dict[str, object],
) -> None:
    assert build_article(STORY._replace(**odd), NOW_MS) is None  # type: ignore[arg-type]


def test_a_clock_that_is_minutes_ahead_is_forgiven() -> None:
    item = build_article(STORY._replace(published_ms=NOW_MS + 60_000), NOW_MS)

    assert item is not None
    assert item.published_ms == NOW_MS


def test_articles_come_newest_first_and_each_address_once() -> None:
    older = STORY._replace(
        title="Another story", url="https://a.example/2", published_ms=NOW_MS - 1
    )
    again = STORY._replace(title="Again", url="https://a.example/story?utm_campaign=2")

    items = build_articles([STORY, again, older], NOW_MS)

    assert [item.url for item in items] == ["https://a.example/2", "https://a.example/story"]


def test_no_more_than_a_hundred_are_kept() -> None:
    drafts = [STORY._replace(url=f"https://a.example/{i}") for i in range(MOST + 50)]

    assert len(build_articles(drafts, NOW_MS)) == MOST


@pytest.mark.parametrize(
    "written",
    [
        "Mon, 24 Nov 2025 16:00:00 +0000",
        "Mon, 24 Nov 2025 16:00:00 GMT",
        "Mon, 24 Nov 2025 16:00:00 -0000",
        "Mon, 24 Nov 2025 11:00:00 -0500",
        "24 Nov 2025 16:00:00 Z",
        "2025-11-24T16:00:00Z",
        "2025-11-24T17:00:00+01:00",
        "2025-11-24 16:00:00",
    ],
)
def test_dates_of_mail_and_iso_are_the_same_moment(written: str) -> None:
    assert read_date(written) == NOW_MS


@pytest.mark.parametrize("written", [None, "", "yesterday", "2025-13-45", "Mon, 99 Foo 2025", "0"])
def test_what_is_no_date_is_none(written: str | None) -> None:
    assert read_date(written) is None
