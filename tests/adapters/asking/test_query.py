"""From a query to a request model: what is read, what wins, what is no query."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.asking import read_query, validate
from lib.errors import InvalidParameter
from tests.adapters.asking.wide import ENDPOINT, Wide, ask, refused


def test_parameters_are_read_by_name() -> None:
    assert read_query(b"symbol=BTC%2FUSDT&limit=5&name=a+b") == {
        "symbol": "BTC/USDT",
        "limit": "5",
        "name": "a b",
    }


def test_the_last_of_a_repeated_parameter_counts() -> None:
    assert ask(b"limit=5&limit=7").limit == 7


def test_a_blank_parameter_counts_as_absent() -> None:
    assert ask(b"limit=&sort=&note=") == ask(b"")


def test_unknown_parameters_are_ignored() -> None:
    assert ask(b"cachebuster=1&_=2&__proto__=3&from_=9") == ask(b"")


def test_an_alias_is_understood_and_the_own_name_wins() -> None:
    assert ask(b"interval=1h").timeframe == "1h"
    assert ask(b"interval=1h&timeframe=1d").timeframe == "1d"


def test_the_path_wins_over_query_and_body() -> None:
    assert ask(b"symbol=ETH", {"symbol": "XRP"}, symbol="BTC").symbol == "BTC"


@pytest.mark.parametrize(
    ("query", "accepts"),
    [
        (b"limit=%zz", "percent signs followed by two hex digits"),
        (b"limit=5%", "percent signs followed by two hex digits"),
        (b"limit=5%4", "percent signs followed by two hex digits"),
        (b"note=%ff", "percent-encoded UTF-8"),
        (b"note=%C3%28", "percent-encoded UTF-8"),
        (b"note=\xff\xfe", "percent-encoded UTF-8"),
        (b"&".join(b"p%d=1" % n for n in range(101)), "at most 100 parameters"),
        (b"&" * 100, "at most 100 parameters"),
    ],
)
def test_a_broken_query_is_refused_saying_why(query: bytes, accepts: str) -> None:
    [field] = refused(query)

    assert field["field"] == "query"
    assert field["accepted"] == accepts
    assert len(field["value"]) <= 81


def test_a_hundred_parameters_are_read() -> None:
    assert len(read_query(b"&".join(b"p%d=1" % n for n in range(100)))) == 100


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(query: bytes) -> None:
    try:
        read = read_query(query)
    except InvalidParameter:
        return
    assert all(isinstance(name, str) and isinstance(value, str) for name, value in read.items())


@given(st.dictionaries(st.sampled_from(sorted(Wide.model_fields)), st.text(max_size=50)))
def test_any_values_are_understood_or_refused_in_printable_words(values: dict[str, str]) -> None:
    said: list[str] = []
    try:
        validate(ENDPOINT, {"symbol": "BTC"}, values, {})
    except InvalidParameter as refusal:
        said = [refusal.message, *(str(field["value"]) for field in refusal.details["fields"])]

    assert all(words.isprintable() for words in said)
