"""From the wire to a request model: what is read, what is refused, and how the refusal reads."""

import asyncio
import string
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BeforeValidator, Field

from adapters.asking import LARGEST_BODY, accepted, read_body, read_query, validate
from lib.endpoint import Endpoint, Reply, Request
from lib.errors import ApiError, InvalidParameter, PayloadTooLarge, UnsupportedMediaType


class Wide(Request):
    """Every kind of field."""

    aliases: ClassVar[dict[str, str]] = {"interval": "timeframe"}

    symbol: Annotated[str, Field(description="an asset or a pair, in any spelling")]
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    depth: Annotated[int, Field(ge=1)] = 1
    share: Annotated[float, Field(ge=0, le=1)] = 0.5
    sort: Literal["rank", "volume"] = "rank"
    order: Annotated[Literal["asc", "desc"], BeforeValidator(str)] | None = None
    timeframe: Literal["1h", "1d"] | None = None
    all: bool = False
    from_: Annotated[int, Field(ge=0, alias="from", description="a Unix time in milliseconds")] = 0
    note: str | None = None
    since: int | None = None


async def unused(request: Wide, ctx: Any) -> Reply:
    """Never called here."""
    raise NotImplementedError


ENDPOINT = Endpoint(
    method="GET", path="/wide/{symbol:path}", request=Wide, reply=Reply, call=unused
)


def ask(query: bytes = b"", body: dict[str, Any] | None = None, symbol: str = "BTC") -> Wide:
    """The model of a request."""
    made = validate(ENDPOINT, {"symbol": symbol}, read_query(query), body or {})
    assert isinstance(made, Wide)
    return made


def refused(query: bytes, body: dict[str, Any] | None = None) -> Any:
    """The fields that a request is refused for."""
    with pytest.raises(InvalidParameter) as refusal:
        ask(query, body)
    return refusal.value.details["fields"]


# queries


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


# refusals


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


# bodies


class Wire:
    """A request's body in pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.read = 0

    async def receive(self) -> dict[str, Any]:
        self.read += 1
        piece = self.pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}


async def body_of(
    *pieces: bytes,
    headers: Iterable[tuple[bytes, bytes]] = ((b"content-type", b"application/json"),),
) -> dict[str, Any]:
    """What is read from a body."""
    return await read_body(dict(headers), Wire(*pieces).receive)


async def test_a_json_object_is_read() -> None:
    assert await body_of(b'{"symbol": "BTC", "limit": 5}') == {"symbol": "BTC", "limit": 5}


async def test_a_body_may_come_in_pieces() -> None:
    assert await body_of(b'{"symbol', b'": "B', b"", b'TC"}') == {"symbol": "BTC"}


@pytest.mark.parametrize("body", [b"", b"  \r\n\t "])
async def test_an_empty_body_is_an_empty_object(body: bytes) -> None:
    assert await body_of(body) == {}


@pytest.mark.parametrize(
    "kind",
    [
        b"application/json",
        b"application/json; charset=utf-8",
        b"Application/JSON",
        b" application/json ",
        b"application/ld+json",
    ],
)
async def test_json_under_its_names_is_read(kind: bytes) -> None:
    assert await body_of(b'{"a":1}', headers=[(b"content-type", kind)]) == {"a": 1}


async def test_no_content_type_is_read_as_json() -> None:
    assert await body_of(b'{"a":1}', headers=[]) == {"a": 1}
    assert await body_of(b'{"a":1}', headers=[(b"content-type", b"")]) == {"a": 1}


@pytest.mark.parametrize(
    "kind",
    [
        b"text/plain",
        b"application/x-www-form-urlencoded",
        b"multipart/form-data; boundary=x",
        b"application/xml",
        b"json",
        b"application/jsonp",
        b"\xff\x00",
    ],
)
async def test_another_content_type_is_refused(kind: bytes) -> None:
    with pytest.raises(UnsupportedMediaType) as refusal:
        await body_of(b'{"a":1}', headers=[(b"content-type", kind)])

    assert refusal.value.details["content_type"].isprintable()


@pytest.mark.parametrize("coding", [b"gzip", b"br", b"zstd", b"deflate", b"x"])
async def test_an_encoded_body_is_refused(coding: bytes) -> None:
    with pytest.raises(UnsupportedMediaType):
        await body_of(b"{}", headers=[(b"content-encoding", coding)])


@pytest.mark.parametrize("coding", [b"identity", b"Identity", b""])
async def test_a_plain_body_may_say_so(coding: bytes) -> None:
    assert await body_of(b'{"a":1}', headers=[(b"content-encoding", coding)]) == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"[1,2]",
        b'"text"',
        b"5",
        b"null",
        b"true",
        b"{",
        b"{'a':1}",
        b'{"a":NaN}',
        b'{"a":1}garbage',
        b"not json",
        b"\xff\xfe{}",
        b'{"a":"\xff"}',
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b"[" * 60_000,
        b"{}{}",
    ],
)
async def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        await body_of(body)

    assert refusal.value.details["fields"][0]["field"] == "body"


async def test_a_body_of_64_kib_is_read() -> None:
    body = b'{"a":"' + b"x" * (LARGEST_BODY - 8) + b'"}'

    assert len(body) == LARGEST_BODY
    assert len((await body_of(body))["a"]) == LARGEST_BODY - 8


async def test_a_byte_more_is_refused_when_it_is_announced() -> None:
    wire = Wire(b"{}")
    headers = {b"content-length": str(LARGEST_BODY + 1).encode()}

    with pytest.raises(PayloadTooLarge):
        await read_body(headers, wire.receive)

    assert wire.read == 0


async def test_a_byte_more_is_refused_when_it_is_not_announced() -> None:
    wire = Wire(*[b"x" * 1024] * 1000)

    with pytest.raises(PayloadTooLarge) as refusal:
        await read_body({}, wire.receive)

    assert wire.read == 65
    assert refusal.value.details == {"limit_bytes": 65536}


async def test_a_caller_who_hangs_up_is_not_waited_for() -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    assert await read_body({}, gone) == {}


@given(st.binary(max_size=200))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    try:
        read = asyncio.run(body_of(body))
    except ApiError:
        return
    assert isinstance(read, dict)
