"""How a refusal reads: field, value, and what would be accepted."""

import string

import pytest

from adapters.asking import accepted, validate
from lib.errors import InvalidParameter
from tests.adapters.asking.wide import ENDPOINT, Wide, refused


@pytest.mark.parametrize(
    ("query", "field", "value", "accepts"),
    [
        (b"limit=0", "limit", "0", "an integer from 1 to 500"),
        (b"limit=501", "limit", "501", "an integer from 1 to 500"),
        (b"limit=-1", "limit", "-1", "an integer from 1 to 500"),
        (b"limit=abc", "limit", "abc", "an integer from 1 to 500"),
        (b"limit=1e9", "limit", "1e9", "an integer from 1 to 500"),
        (b"limit=1.5", "limit", "1.5", "an integer from 1 to 500"),
        (b"limit=" + b"9" * 5000, "limit", "9" * 80 + "…", "an integer from 1 to 500"),
        (b"depth=0", "depth", "0", "an integer of at least 1"),
        (b"share=2", "share", "2", "a number from 0 to 1"),
        (b"share=nan", "share", "nan", "a number from 0 to 1"),
        (b"share=inf", "share", "inf", "a number from 0 to 1"),
        (b"sort=price", "sort", "price", "one of rank, volume"),
        (b"order=up", "order", "up", "one of asc, desc"),
        (b"timeframe=2h", "timeframe", "2h", "one of 1h, 1d"),
        (b"interval=2h", "timeframe", "2h", "one of 1h, 1d"),
        (b"all=maybe", "all", "maybe", "true or false"),
        (b"from=-1", "from", "-1", "a Unix time in milliseconds"),
        (b"since=x", "since", "x", "an integer"),
    ],
)
def test_a_refusal_names_field_value_and_what_is_accepted(
    query: bytes, field: str, value: str, accepts: str
) -> None:
    assert refused(query) == [{"field": field, "value": value, "accepted": accepts}]


def test_every_bad_field_is_named_at_once() -> None:
    fields = refused(b"limit=0&sort=x&timeframe=2h")

    assert [field["field"] for field in fields] == ["limit", "sort", "timeframe"]


def test_a_missing_parameter_is_named_without_a_value() -> None:
    with pytest.raises(InvalidParameter) as refusal:
        validate(ENDPOINT, {}, {}, {})

    assert refusal.value.details["fields"] == [
        {"field": "symbol", "value": None, "accepted": "an asset or a pair, in any spelling"}
    ]
    assert refusal.value.message == "'symbol' must be an asset or a pair, in any spelling"


@pytest.mark.parametrize("value", [None, [], {}, "yes", {"deep": [1]}, 10**30])
def test_a_body_value_of_another_kind_is_refused(value: object) -> None:
    assert refused(b"", {"limit": value})[0]["field"] == "limit"


@pytest.mark.parametrize("name", sorted(Wide.model_fields))
def test_what_is_accepted_reads_as_words(name: str) -> None:
    words = accepted(Wide.model_fields[name])

    assert words
    assert set(words) <= set(string.ascii_letters + string.digits + " ,")
