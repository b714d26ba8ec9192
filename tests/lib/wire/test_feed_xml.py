"""Feeds are read, and those that try something are refused."""

import tracemalloc
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import SourceMalformed
from lib.wire.feed_xml import DEEPEST, LONGEST_TEXT, MOST_ELEMENTS, MOST_ENTRIES, read_feed

MB = 1024 * 1024


def rss(items: str, head: str = '<?xml version="1.0"?>', more: str = "") -> bytes:
    """A feed with these items."""
    return f'{head}<rss version="2.0"{more}><channel>{items}</channel></rss>'.encode()


def titles(body: bytes) -> list[str]:
    """The titles of a feed's entries."""
    return [entry.first("title") for entry in read_feed(body).entries]


def test_an_rss_item_is_read_with_all_that_it_says() -> None:
    body = rss(
        "<language>en-us</language><item><title>T</title><link>https://a.example/1</link>"
        "<guid isPermaLink='false'>g</guid><pubDate>Mon, 24 Nov 2025 16:00:00 GMT</pubDate>"
        "<category>Markets</category><category>ETF</category><description><![CDATA[<p>S</p>]]>"
        "</description><content:encoded>long</content:encoded><dc:creator>A</dc:creator>"
        "<media:content url='https://c.example/1.jpg' type='image/jpeg'>"
        "<media:title>not the title</media:title></media:content>"
        "<media:thumbnail url='https://c.example/2.jpg'/><media:content url='v' medium='video'/>"
        "<enclosure url='https://c.example/3.png' type='image/png'/>"
        "<enclosure url='https://c.example/4.mp3' type='audio/mpeg'/></item>"
    )

    feed = read_feed(body)

    (entry,) = feed.entries
    assert feed.language == "en-us"
    assert entry.first("title") == "T"
    assert entry.first("link") == "https://a.example/1"
    assert entry.first("permalink") == "false"
    assert entry.first("pubdate") == "Mon, 24 Nov 2025 16:00:00 GMT"
    assert entry.first("description") == "<p>S</p>"
    assert entry.first("content:encoded") == "long"
    assert entry.categories == ["Markets", "ETF"]
    assert entry.images == [f"https://c.example/{name}" for name in ("1.jpg", "2.jpg", "3.png")]


def test_an_atom_entry_is_read() -> None:
    body = (
        b"<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='de'><title>F</title><entry>"
        b"<title type='html'>T</title><link rel='self' href='https://a.example/self'/>"
        b"<link href='https://a.example/1'/><published>2025-11-24T16:00:00Z</published>"
        b"<category term='Markets'/><content type='xhtml'><div>one <b>two</b></div></content>"
        b"</entry></feed>"
    )

    feed = read_feed(body)

    (entry,) = feed.entries
    assert feed.language == "de"
    assert (entry.first("title"), entry.link) == ("T", "https://a.example/1")
    assert entry.first("content") == "one two"
    assert entry.categories == ["Markets"]


def test_items_of_rss_1_stand_beside_their_channel() -> None:
    body = (
        b"<rdf:RDF xmlns='http://purl.org/rss/1.0/'><channel><title>F</title></channel>"
        b"<item><title>T</title><dc:date>2025-11-24</dc:date></item></rdf:RDF>"
    )

    assert titles(body) == ["T"]


def test_trap_9_an_undeclared_namespace_prefix_is_no_error() -> None:
    body = rss("<item><title>T</title><media:thumbnail url='https://c.example/2.jpg'/></item>")

    assert read_feed(body).entries[0].images == ["https://c.example/2.jpg"]


@pytest.mark.parametrize(
    ("items", "title"),
    [
        ("<item><title>AT&T & others</title></item>", "AT&T & others"),
        ("<item><title>It&rsquo;s&nbsp;fine</title></item>", "It\u2019s\u00a0fine"),
        ("<item><title>5 &lt; 6 & more</title></item>", "5 < 6 & more"),
        ("<item><title>bell \x07 rings</title></item>", "bell  rings"),
        ("<item><title>&unknown; & more</title></item>", "&unknown; & more"),
    ],
)
def test_what_is_almost_xml_is_mended(items: str, title: str) -> None:
    assert titles(rss(items)) == [title]


CAFE = "<rss><item><title>caf\u00e9</title></item></rss>"


@pytest.mark.parametrize(
    ("declared", "written_in"),
    [
        ("UTF-8", "utf-8"),
        ("ISO-8859-1", "latin-1"),
        ("UTF-8", "cp1252"),
        ("no-such", "utf-8"),
        ("zlib", "utf-8"),
        ("US-ASCII", "utf-8"),
        ("utf-16", "utf-16"),
        ("UTF-8", "utf-8-sig"),
    ],
)
def test_a_wrong_charset_is_mended(declared: str, written_in: str) -> None:
    body = f'<?xml version="1.0" encoding="{declared}"?>{CAFE}'.encode(written_in)

    assert titles(body) == ["caf\u00e9"]


@pytest.mark.parametrize("coding", ["punycode", "idna", "unicode_escape", "utf-7", "undefined"])
def test_a_coding_that_no_feed_is_written_in_is_not_taken_at_its_word(coding: str) -> None:
    # punycode read as such takes a time that grows with the square of the length: hours for this
    body = f'<?xml version="1.0" encoding="{coding}"?>-'.encode() + b"a" * 4_000_000

    with pytest.raises(SourceMalformed):
        read_feed(body)


BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">'
    + "".join(f'<!ENTITY l{j} "{f"&l{i};" * 10}">' for i, j in pairwise(range(10)))
    + "]><rss><channel><item><title>&l9;</title></item></channel></rss>"
).encode()
QUADRATIC = (
    f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "{"a" * 100_000}">]>'
    f"<rss><item><title>{'&a;' * 10_000}</title></item></rss>"
).encode()
EXTERNAL = (
    b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b"<rss><channel><item><title>&x;</title></item></channel></rss>"
)
PARAMETER = (
    b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY % x SYSTEM "http://127.0.0.1/x.dtd"> %x;]>'
    b"<rss><channel><item><title>T</title></item></channel></rss>"
)


@pytest.mark.parametrize(
    "body", [BILLION_LAUGHS, QUADRATIC, EXTERNAL, PARAMETER], ids=["laughs", "blowup", "xxe", "dtd"]
)
def test_entities_and_document_types_of_its_own_are_refused(body: bytes) -> None:
    with pytest.raises(SourceMalformed, match="entities"):
        read_feed(body)


def test_a_mere_document_type_is_no_harm_and_is_not_fetched() -> None:
    body = (
        b'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://127.0.0.1:1/rss.dtd">'
        b"<rss><channel><item><title>T</title></item></channel></rss>"
    )

    assert titles(body) == ["T"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<!DOCTYPE html><html><body><h1>Just a moment...</h1></body></html>",
        b"<html><head><title>x</title></head></html>",
        b'{"items": []}',
        b"<rss><channel><item><title>cut off",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x1f\x8b\x08\x00",
        b"\x00" * 100,
    ],
)
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(SourceMalformed):
        read_feed(body)


@pytest.mark.parametrize(
    "body",
    [
        b"<rss>" + b"<a>" * 200_000,
        rss("<a>" * DEEPEST + "</a>" * DEEPEST),
        rss("<a/>" * (MOST_ELEMENTS + 1)),
    ],
    ids=["endless", "deep", "many"],
)
def test_too_deep_or_too_many_elements_are_refused(body: bytes) -> None:
    with pytest.raises(SourceMalformed, match="too deep"):
        read_feed(body)


def test_only_the_first_hundred_entries_are_kept() -> None:
    body = rss("".join(f"<item><title>{i}</title></item>" for i in range(MOST_ENTRIES + 50)))

    assert titles(body) == [str(i) for i in range(MOST_ENTRIES)]


def test_a_huge_text_is_cut_and_memory_stays_bounded() -> None:
    body = rss(f"<item><title>{'x' * 4 * MB}</title></item>")
    tracemalloc.start()

    (title,) = titles(body)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(title) <= LONGEST_TEXT
    assert peak < 40 * MB


@given(st.binary(max_size=300))
def test_any_bytes_are_a_feed_or_malformed(body: bytes) -> None:
    with suppress(SourceMalformed):
        read_feed(body)


PIECES = ["<rss>", "</rss>", "<item>", "</item>", "<title>", "</title>", "&amp;", "&", "<![CDATA["]
PIECES += ["]]>", "<link href='x'/>", "text", "<!--", "-->", "<!DOCTYPE", ">", "\x00", "\u00e9"]


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_any_pieces_of_a_feed_are_a_feed_or_malformed(pieces: list[str]) -> None:
    with suppress(SourceMalformed):
        read_feed("".join(pieces).encode())
