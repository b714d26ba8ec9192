"""Markup becomes plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.wording.plain import first_image, plain_text, shortened


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Tokenized <b>equities</b> rose.</p>", "Tokenized equities rose."),
        ("Bitcoin &amp; ETFs", "Bitcoin & ETFs"),
        ("AT&amp;amp;T", "AT&T"),
        ("&lt;p&gt;escaped twice&lt;/p&gt;", "escaped twice"),
        ('NEO ($NEO) is up <span class="color-green">20.99%</span>', "NEO ($NEO) is up 20.99%"),
        ("one<br>two<br/>three", "one two three"),
        ("  many \n\t spaces\u00a0here\u200b ", "many spaces here"),
        ("a < b and c > d", "a < b and c > d"),
        ("It&#8217;s &quot;fine&quot;", 'It\u2019s "fine"'),
        (None, ""),
        ("", ""),
    ],
)
def test_words_stay_and_markup_goes(markup: str | None, text: str) -> None:
    assert plain_text(markup, 200) == text


@pytest.mark.parametrize(
    "markup",
    [
        "Breaking<script>alert(1)</script> news",
        "Breaking<script>alert(1) news",
        "Breaking<SCRIPT src=//evil.example></SCRIPT> news",
        "Breaking&lt;script&gt;alert(1)&lt;/script&gt; news",
        "Breaking&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt; news",
        "Breaking<style>p{}</style><!-- alert(1) --> news",
        "Breaking<img src=x onerror=alert(1)> news",
        "Breaking<svg/onload=alert(1)>",
        "Breaking <iframe src='javascript:alert(1)'>",
    ],
)
def test_what_a_browser_would_run_is_gone(markup: str) -> None:
    text = plain_text(markup, 200)

    assert text.startswith("Breaking")
    assert "alert" not in text
    assert "<" not in text


@given(st.text(max_size=400), st.integers(1, 100))
def test_the_result_is_printable_and_no_longer_than_asked(markup: str, most: int) -> None:
    text = plain_text(markup, most)

    assert len(text) <= most
    assert text.isprintable()


@given(st.lists(st.sampled_from(["<", ">", "script", "/", " ", "&lt;", "&amp;", "b", "!--"])))
def test_no_tag_is_left_however_it_was_cut_up(pieces: list[str]) -> None:
    text = plain_text("".join(pieces), 10_000)

    assert not any(f"<{mark}" in text for mark in ("s", "b", "/", "!"))


def test_a_long_text_is_cut_at_a_word() -> None:
    assert shortened("one two three four", 14) == "one two three\u2026"
    assert shortened("short", 14) == "short"


def test_the_first_picture_of_a_text_is_found() -> None:
    markup = "<p><img alt='x' src='https://a.example/1.jpg?w=1&amp;h=2'></p><img src='https://b.example/2'>"

    assert first_image(markup) == "https://a.example/1.jpg?w=1&h=2"
    assert first_image("no picture") is None
    assert first_image(None) is None
