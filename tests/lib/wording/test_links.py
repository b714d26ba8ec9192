"""Web addresses: safe to show, and the same page under many spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.wording.links import same_page, web_address

STORY = "https://cointelegraph.com/news/story"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (STORY, STORY),
        (f"{STORY}?utm_source=rss_feed&utm_medium=rss", STORY),
        (f"{STORY}?UTM_Source=x&id=7&fbclid=abc#top", f"{STORY}?id=7"),
        (f"  {STORY}\n", STORY),
        ("//cdn.example.com/a.jpg", "https://cdn.example.com/a.jpg"),
        ("http://example.com:80/a", "http://example.com:80/a"),
        ("https://example.com/a?q=caf%C3%A9", "https://example.com/a?q=caf%C3%A9"),
    ],
)
def test_an_address_is_shown_without_what_tracks_its_reader(written: str, shown: str) -> None:
    assert web_address(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html;base64,AAAA",
        "file:///etc/passwd",
        "ftp://example.com/a",
        "https://user:password@example.com/",
        "https://localhost/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://169.254.169.254/latest",
        "https://example.com:6379/",
        "https://exa mple.com/",
        "https://example.com/<script>",
        'https://example.com/"onclick=',
        "/relative/path",
        "https://",
        "https://example.com:port/",
        f"https://example.com/{'a' * 3000}",
    ],
)
def test_what_is_no_plain_web_address_is_none(written: str | None) -> None:
    assert web_address(written) is None


@pytest.mark.parametrize(
    "other",
    [
        f"{STORY}?utm_source=twitter",
        f"{STORY}/",
        "http://www.cointelegraph.com/news/story",
        "https://CoinTelegraph.com/news/story?ref=home#comments",
        f"{STORY}/amp/",
        "https://amp.cointelegraph.com/news/story",
        "https://cointelegraph.com//news/story",
    ],
)
def test_spellings_of_one_page_are_the_same_page(other: str) -> None:
    assert same_page(other) == same_page(STORY)


def test_another_page_is_another_page() -> None:
    pages = [STORY, f"{STORY}-2", f"{STORY}?id=1", f"{STORY}?id=2", "https://decrypt.co/news/story"]

    assert len({same_page(page) for page in pages}) == len(pages)


def test_the_order_of_parameters_does_not_matter() -> None:
    assert same_page(f"{STORY}?a=1&b=2") == same_page(f"{STORY}?b=2&utm_id=9&a=1")


@given(st.text(max_size=60))
def test_whatever_is_shown_is_http(text: str) -> None:
    shown = web_address(text)

    assert shown is None or shown.lower().startswith(("http://", "https://"))


@given(st.text(max_size=60))
def test_showing_twice_changes_nothing_more(text: str) -> None:
    shown = web_address(f"https://example.com/{text}")

    assert shown is None or web_address(shown) == shown
