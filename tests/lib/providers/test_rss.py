"""Outlets by their RSS feeds."""

from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import (
    SourceError,
    SourceGeoBlocked,
    SourceMalformed,
    SourceThrottled,
    SourceTimeout,
    SourceUnavailable,
)
from lib.feeds import NEWS, OUTLETS
from lib.news import News
from lib.providers.rss import Rss, parse_feed
from lib.queries import Everything
from lib.runtime import load_providers
from lib.wire.iso import parse_iso
from tests.conftest import Corpus, StillClock

NOW_MS = 1_764_000_000_000  # 2025-11-24 16:00 UTC
DAY_OF_RECORDING = parse_iso("2026-08-15T18:00:00Z") or 0
DATE = "<pubDate>Mon, 24 Nov 2025 15:00:00 +0000</pubDate>"


def feed(*items: str) -> bytes:
    """A feed of these items."""
    return f"<rss><channel>{''.join(f'<item>{i}</item>' for i in items)}</channel></rss>".encode()


def item(title: str = "A title", link: str = "https://a.example/1", date: str = DATE) -> str:
    """One item."""
    return f"<title>{title}</title><link>{link}</link>{date}"


def outlet(answer: httpx.Response | list[httpx.Response] | Exception) -> tuple[Rss, list[str]]:
    """CoinDesk behind a transport that answers so, and the targets that it was asked for."""
    asked: list[str] = []
    answers = answer if isinstance(answer, list) else [answer]

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        said = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(said, Exception):
            raise said
        return said

    client = httpx.AsyncClient(transport=httpx.MockTransport(respond))
    kind = load_providers(["rss_coindesk"])["rss_coindesk"]
    assert issubclass(kind, Rss)
    return kind(client, StillClock(NOW_MS)), asked


async def news(source: Rss) -> News:
    """Its news."""
    return await source.news(Everything())


def test_a_recorded_coindesk_feed_is_read(corpus: Corpus) -> None:
    found = parse_feed(corpus.body("rss/coindesk_2026_trimmed"), DAY_OF_RECORDING, "CoinDesk")

    first, second = found.items
    assert first.title == (
        "Robot maker Unitree is going public. Hyperliquid traders see 4x upside from IPO price"
    )
    assert first.url == (
        "https://www.coindesk.com/markets/2026/08/15/robot-maker-unitree-is-going-public"
    )
    assert first.published_ms == parse_iso("2026-08-15T16:00:00Z")
    assert first.outlet == "CoinDesk"
    assert first.symbols == ("HYPE",)
    assert second.summary == "UBS increased Bitcoin ETF call option exposure 24-fold."
    assert second.symbols == ("BTC",)
    assert found.time_ms == first.published_ms


def test_a_recorded_cointelegraph_feed_is_read_without_tags_and_tracking(corpus: Corpus) -> None:
    body = corpus.body("rss/cointelegraph_2026_trimmed")

    found = parse_feed(body, DAY_OF_RECORDING, "Cointelegraph")

    assert [item.url for item in found.items] == [
        "https://cointelegraph.com/news/tokenized-stock-holders",
        "https://cointelegraph.com/news/what-happened-in-crypto-today",
    ]
    assert found.items[0].summary == (
        "Tokenized equities reached 1.31 million holders over the past month."
    )


def test_a_wordpress_feed_is_read_with_its_thumbnail(corpus: Corpus) -> None:
    found = parse_feed(corpus.body("rss/rebuilt_decrypt"), DAY_OF_RECORDING, "Decrypt")

    (only,) = found.items
    assert only.title == "An example headline about Bitcoin & ETFs"
    assert only.image_url == "https://cdn.decrypt.co/example.jpg"
    assert only.topics[-1] == "markets"
    assert only.language == "en"


def test_trap_9_times_with_an_offset_and_with_gmt_are_the_same() -> None:
    with_gmt = item(link="https://a.example/2", date=DATE.replace("+0000", "GMT"))

    found = parse_feed(feed(item(), with_gmt), NOW_MS, "A")

    assert {one.published_ms for one in found.items} == {NOW_MS - 3_600_000}


def test_trap_9_the_same_story_under_two_utm_tags_is_read_once() -> None:
    tagged = [item(link=f"https://a.example/1?utm_campaign={i}&amp;utm_source=rss") for i in (1, 2)]

    assert len(parse_feed(feed(*tagged), NOW_MS, "A").items) == 1


@pytest.mark.parametrize(
    "odd",
    [
        item(date="<pubDate>Thu, 01 Jan 1970 00:00:00 +0000</pubDate>"),
        item(date="<pubDate>Thu, 01 Jan 2099 00:00:00 +0000</pubDate>"),
        item(date="<pubDate>soon</pubDate>"),
        item(date=""),
        item(link="javascript:alert(1)"),
        item(link="data:text/html,x"),
        item(title=""),
        item(title="&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
def test_an_odd_item_is_left_out_and_the_others_stay(odd: str) -> None:
    found = parse_feed(feed(odd, item("Sound", "https://a.example/9")), NOW_MS, "A")

    assert [one.title for one in found.items] == ["Sound"]


def test_a_script_in_a_title_is_cut_out() -> None:
    title = "<![CDATA[Bitcoin<script>alert(1)</script> rises]]>"

    assert parse_feed(feed(item(title)), NOW_MS, "A").items[0].title == "Bitcoin rises"


def test_an_aggregators_item_names_its_own_outlet() -> None:
    one = item("A title - Blockworks") + '<source url="https://b.example">Blockworks</source>'

    (found,) = parse_feed(feed(one), NOW_MS, "Google News").items

    assert (found.title, found.outlet) == ("A title", "Blockworks")


@pytest.mark.parametrize("permanent", ["true", "false"])
def test_a_guid_is_the_link_only_where_it_is_permanent(permanent: str) -> None:
    one = f"<title>Title</title><guid isPermaLink='{permanent}'>https://a.example/g</guid>{DATE}"
    other = item(link="https://a.example/2")

    urls = [found.url for found in parse_feed(feed(one, other), NOW_MS, "A").items]

    assert ("https://a.example/g" in urls) is (permanent == "true")


@pytest.mark.parametrize(
    "body",
    [b"", b"<html><body>Just a moment</body></html>", feed(), feed(item(date="")), b"{}"],
    ids=["nothing", "page", "empty", "undated", "json"],
)
def test_a_feed_without_a_sound_article_is_malformed(body: bytes) -> None:
    with pytest.raises(SourceMalformed):
        parse_feed(body, NOW_MS, "A")


@given(st.binary(max_size=200), st.integers(0, 2**50))
def test_whatever_comes_is_news_or_a_source_error(middle: bytes, now_ms: int) -> None:
    body = feed(item()).replace(b"A title", middle)

    try:
        found = parse_feed(body, now_ms, "A")
    except SourceError:
        return
    assert all(one.url.startswith("https://") for one in found.items)


async def test_the_feed_is_asked_for_as_xml() -> None:
    source, asked = outlet(httpx.Response(200, content=feed(item())))

    await news(source)

    assert asked == ["/arc/outboundfeeds/rss/"]
    assert "application/rss+xml" in source.headers()["Accept"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(403), SourceGeoBlocked),
        (httpx.Response(451), SourceGeoBlocked),
        (httpx.Response(429), SourceThrottled),
        (httpx.Response(404), SourceUnavailable),
        (httpx.Response(410), SourceUnavailable),
        (httpx.Response(503), SourceUnavailable),
        (httpx.Response(200, content=b"<html/>"), SourceMalformed),
        (httpx.Response(200, content=b"x" * (Rss.largest_body + 1)), SourceMalformed),
        (httpx.ReadTimeout("slow"), SourceTimeout),
        (httpx.ConnectError("down"), SourceUnavailable),
    ],
)
async def test_each_way_to_fail_has_its_word(
    answer: httpx.Response | Exception, error: type[SourceError]
) -> None:
    source, _ = outlet(answer)

    with pytest.raises(error):
        await news(source)


@pytest.mark.parametrize(
    "target", ["/feeds/rss?x=1", "https://coindesk.com/feeds/rss?x=1", "https://www.coindesk.com/feeds/rss?x=1"]
)  # fmt: skip
async def test_a_move_within_the_site_is_followed(target: str) -> None:
    moved = httpx.Response(301, headers={"location": target})
    source, asked = outlet([moved, httpx.Response(200, content=feed(item()))])

    found = await news(source)

    assert asked == ["/arc/outboundfeeds/rss/", "/feeds/rss?x=1"]
    assert len(found.items) == 1


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "http://169.254.169.254/latest", "//evil.example/x", "", "file:///x"],
)
async def test_a_move_to_another_site_is_not_followed(target: str) -> None:
    source, asked = outlet(httpx.Response(302, headers={"location": target}))

    with pytest.raises(SourceUnavailable):
        await news(source)

    assert len(asked) == 1


async def test_moving_for_ever_ends() -> None:
    source, asked = outlet(
        [
            httpx.Response(301, headers={"location": "/one"}),
            httpx.Response(301, headers={"location": "/two"}),
        ]
    )

    with pytest.raises(SourceError):
        await news(source)

    assert len(asked) == 2


def test_every_outlet_is_a_source_of_its_own_feed() -> None:
    kinds = load_providers(OUTLETS)

    assert len(kinds) >= 8
    for name, kind in kinds.items():
        (served,) = kind.served().values()
        assert served.feed in NEWS
        assert served.feed.sources == (name,)
        assert kind.name == name
        assert urlsplit(kind.base_url).scheme == "https"
