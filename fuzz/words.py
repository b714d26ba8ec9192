"""What callers write: symbols, addresses, messages on sockets, and texts to be judged."""

import json
from collections.abc import Iterator
from typing import Any, Final

import httpx
from hypothesis import strategies as st

from functions import load_channels
from fuzz.damage import TOKENS, bodies
from fuzz.seeds import played
from fuzz.target import Target
from lib.clock import SystemClock
from lib.endpoint import Channel
from lib.errors import ApiError, InvalidParameter, SourceError, SourceMalformed
from lib.live.session import Fault, Say, Session, Subscribe
from lib.onchain.address import chain_of, checksummed, read_address
from lib.providers.base import date_ms
from lib.runtime import load_providers
from lib.symbols import QUOTES, parse_symbol, split_wire
from lib.wire.binance_names import split_symbols
from lib.wire.feed_xml import read_feed
from lib.wire.iso import parse_iso, tidy_iso
from lib.wire.kraken_names import parse_pair_name
from lib.wording.article import read_date
from lib.wording.links import web_address
from lib.wording.plain import plain_text

_CLIENT: Final = httpx.AsyncClient()
ASSETS: Final = (
    "BTC",
    "eth",
    "USDT",
    "USD",
    "1INCH",
    "C98",
    "MATIC",
    "WBTC",
    "TUSD",
    "BNB",
    "A",
    "",
    "ß",
    "İ",
)
MARKS: Final = ("/", "-", "_", ":", "%2F", " ", "", "//", "\u2215", ".", "\x00", "\r\n")
ADDRESSES: Final = (
    "0xde0b295669a9fd93d5f28d9ec85e40f4cb697bae",
    "0xDE0B295669a9FD93d5F28D9Ec85E40f4cb697BAe",
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
    "bc1qgdjqv0av3q56jvd82tkdjpy7gdp9ut8tlqmgrpmv24sq90ecnvqqjwvw97",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
)
DATES: Final = (
    "Mon, 24 Nov 2025 16:00:00 GMT",
    "2025-11-24T16:00:00.123456+05:30",
    "2025-11-24",
    "20251124T16",
)
LINKS: Final = (
    "https://example.org/a?b=c#d",
    "//example.org",
    "https://[::1]:99/",
    "https://ex\u00e4mple.org/\u00e9",
)
MESSAGES: Final = tuple(
    json.dumps(message).encode()
    for message in (
        {"action": "subscribe", "channel": "ticker", "symbols": ["BTC/USDT", "ETH"]},
        {"action": "unsubscribe", "channel": "ticker", "symbols": ["BTC/USDT"]},
        {"action": "subscribe", "service": "/api/price/BTC"},
        {"type": "subscribe", "channel": "ohlcv", "symbol": "BTC", "timeframe": "1h"},
        {"type": "subscribe", "symbol": "BTC,ETH"},
        {"type": "ping"},
        {"action": "auth", "token": "dm_x"},
    )
)


def load_targets() -> Iterator[Target]:
    """Each reader of words, with words that are nearly right and words that are not."""
    yield Target("symbols.parse_symbol", _symbol, _symbols(), (InvalidParameter,))
    yield Target("symbols.split_wire", _joined, _symbols(), ())
    yield Target("binance_names.split_symbols", _split, st.lists(_symbols(), max_size=5), ())
    yield Target("kraken_names.parse_pair_name", _kraken, _symbols(), ())
    yield Target("address.read_address", _address, _misspelled(ADDRESSES), (InvalidParameter,))
    yield Target("iso.parse_iso", _date, _misspelled(DATES), ())
    yield Target("links.web_address", web_address, _misspelled(LINKS), ())
    yield Target("plain.plain_text", lambda text: plain_text(text, 300), _markup(), ())
    yield Target("session.receive", _session, _messages(), ())
    yield Target("base.refuse", _refuse, _refusals(), (SourceError,))
    yield Target("base.date_ms", _date_of, _refusals(), ())
    yield Target("feed_xml.read_feed:text", _feed, _xml(), (SourceMalformed,))


def _refusals() -> st.SearchStrategy[tuple[str, int, dict[str, str], bytes]]:
    """What an upstream says when it says no: any status, headers with numbers and dates in them."""
    odd = st.sampled_from(
        ("", "7", "-7", "9" * 5000, "\u00b2", "\u0661", "1e9", "nan", "0x5", "Wed, 21 Oct 2015 07:28:00 GMT",
         "Mon, 01 Jan 0001 00:00:00 +2359", "Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 99 Foo 99999", "0")
    ) | _texts()  # fmt: skip
    names = ("retry-after", "gw-ratelimit-reset", "x-mbx-used-weight-1m", "location", "date")
    headers = st.dictionaries(st.sampled_from(names), odd, max_size=4)
    status = st.sampled_from((301, 302, 400, 401, 402, 403, 404, 418, 422, 429, 451, 500, 503, 599))
    bodies_of = bodies(played("^(binance|okx|kucoin|coinmarketcap)"))
    return st.tuples(st.sampled_from(sorted(load_providers())), status, headers, bodies_of)


def _refuse(told: tuple[str, int, dict[str, str], bytes]) -> None:
    name, status, headers, body = told
    kind = load_providers([name])[name]
    kind(_CLIENT, SystemClock(), "https://upstream.example").refuse(status, headers, body)


def _date_of(told: tuple[str, int, dict[str, str], bytes]) -> None:
    at_ms = date_ms(told[2].get("date"))
    if at_ms is not None and not 0 <= at_ms < 10**13:
        raise AssertionError(f"a date of {at_ms}")


def _texts() -> st.SearchStrategy[str]:
    """Any text, halves of surrogate pairs included."""
    return st.text(st.characters(codec=None), max_size=40)


def _symbols() -> st.SearchStrategy[str]:
    assets = st.sampled_from((*ASSETS, *QUOTES)) | _texts()
    return st.builds("{}{}{}".format, assets, st.sampled_from(MARKS), assets) | _texts()


def _misspelled(words: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Words in which a few characters are others, more, or missing."""
    numbers = st.integers(0, 200)
    wrong = st.lists(st.tuples(numbers, st.integers(0, 4), _texts() | st.sampled_from("0Oo1lI xX\u0130")),
                     max_size=3)  # fmt: skip

    def spell(word: str, changes: list[tuple[int, int, str]]) -> str:
        for at, gone, instead in changes:
            at %= len(word) + 1
            word = word[:at] + instead[:5] + word[at + gone :]
        return word

    return st.builds(spell, st.sampled_from(words), wrong) | _texts()


def _markup() -> st.SearchStrategy[str]:
    pieces = ("<", ">", "</", "<p>", "<script>", "</script>", "&", "&amp;", "&#60;", "&#x110000;", "&lt;b&gt;",
              "<!--", "-->", "<![CDATA[", "]]>", '="', "'", " ", "a", "\x00", "\ud800", "<a href=", "\n")  # fmt: skip
    return st.lists(st.sampled_from(pieces) | _texts(), max_size=30).map("".join)


def _xml() -> st.SearchStrategy[bytes]:
    """Feeds in declared encodings of every kind, whatever their bytes are."""
    names = st.sampled_from(
        "utf-8 utf-16 utf-32 utf-7 latin-1 windows-1251 punycode idna unicode_escape raw_unicode_escape "
        "undefined rot13 hex base64 zlib bz2 uu quopri mbcs oem cp65001 big5 gb18030 shift_jis iso2022_jp "
        "hz ebcdic cp037 utf_8_sig nonsense".split()
    )
    heads = st.builds('<?xml version="1.0" encoding="{}"?>'.format, names).map(str.encode)
    return st.builds(bytes.__add__, heads, bodies(played("^rss_")) | st.binary(max_size=300))


def _messages() -> st.SearchStrategy[list[str]]:
    """A conversation of a few messages, of which some are damaged and some are no JSON at all."""
    damaged = bodies(MESSAGES).map(lambda body: body.decode("utf-8", "replace"))
    sound = st.sampled_from(MESSAGES).map(bytes.decode)
    return st.lists(
        sound | damaged | st.sampled_from(TOKENS).map(str) | _texts(), min_size=1, max_size=6
    )


def _symbol(text: str) -> object:
    spoken = parse_symbol(text)
    again = parse_symbol(str(spoken.pair)).pair
    if again != spoken.pair:
        raise AssertionError(f"{text!r} is {spoken.pair}, which is read as {again}")
    return spoken


def _joined(text: str) -> None:
    split = split_wire(text)
    if split and "".join(split) != text:
        raise AssertionError(f"{text!r} is split into {split}")


def _split(symbols: list[str]) -> None:
    for symbol, pair in split_symbols(symbols).items():
        if symbol not in symbols or not (pair.base.isascii() and pair.quote.isascii()):
            raise AssertionError(f"{symbol!r} is read as {pair}")


def _kraken(name: str) -> None:
    parse_pair_name(name)


def _address(text: str) -> None:
    for chain in ("ethereum", "bsc", "polygon", "bitcoin"):
        try:
            read = read_address(text, chain)
        except InvalidParameter:
            continue
        if read_address(read, chain) != read or not read.isascii():
            raise AssertionError(f"{text!r} is read as {read!r}")
        if chain != "bitcoin" and read_address(checksummed(read), chain) != read:
            raise AssertionError(f"{read} and its checksum differ")
    chain_of(text)


def _date(text: str) -> None:
    for at in (parse_iso(text), read_date(text)):
        if at is not None and not 0 <= at < 10**13:
            raise AssertionError(f"{text!r} is {at}")
    tidy = tidy_iso(text)
    if tidy and parse_iso(tidy) is None:
        raise AssertionError(f"{text!r} is tidied up into {tidy!r}")


def _feed(body: bytes) -> None:
    read_feed(body)


def _session(messages: list[str]) -> None:
    """Whatever is said, the session answers it, and follows no more than it may."""
    channels: dict[str, Channel] = {channel.name: channel for channel in load_channels()}
    for own in channels.values():
        session = Session(own, {k: v for k, v in channels.items() if v.greets}, 3)
        for text in messages:
            _answer(session, text)
        if len(session.topics) > 3:
            raise AssertionError(f"{len(session.topics)} topics where 3 are the most")


def _answer(session: Session, text: str) -> None:
    for act in session.receive(text):
        if isinstance(act, Subscribe):
            _, said = session.settle(act, {})
            json.dumps(said).encode()
        elif isinstance(act, Say):
            json.dumps(act.message).encode()
        elif isinstance(act, Fault):
            _check_fault(act.error)


def _check_fault(error: ApiError) -> None:
    details: dict[str, Any] = error.details
    written = json.dumps([error.message, details])
    if len(written) > 4000:
        raise AssertionError(f"a refusal of {len(written)} characters")
