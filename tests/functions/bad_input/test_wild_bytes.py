"""Any bytes in target, query and headers get an answer, and nothing of them comes out raw."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.log import JsonLines
from tests.functions.bad_input.refusal import KEYS
from tests.house import House


@pytest.mark.parametrize(
    "target",
    [
        "/api/price/BTC%0d%0aX-Evil:1",
        "/nowhere%0d%0a%1b[31mred%00",
        "/api/ohlcv?symbol=%0d%0a%1b%5B31m&timeframe=%00",
        "/api/price/%E2%80%A8",
    ],
)
async def test_control_characters_reach_neither_headers_nor_logs(
    house: House, target: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)

    answer = await house.get(target, origin="https://a.example", accept="\x1b[31m")

    assert answer.status in (400, 404)
    for name, value in answer.raw_headers:
        assert name.isascii()
        assert not set(value) & {0x00, 0x0A, 0x0D, 0x1B}
    lines = [JsonLines().format(record) for record in caplog.records]
    assert all(line.isprintable() for line in lines)
    assert "\\u001b" not in answer.body.decode()
    assert "Traceback" not in answer.body.decode()


@settings(max_examples=150, deadline=None)
@given(raw=st.binary(max_size=60))
async def test_any_target_gets_an_answer_that_parses(raw: bytes) -> None:
    async with House(endpoints=None) as house:
        answer = await house.get(b"/api/price/" + raw.replace(b"?", b""))

    assert answer.status in (200, 400, 404)
    assert isinstance(json.loads(answer.plain), dict)


@settings(max_examples=100, deadline=None)
@given(raw=st.binary(max_size=60))
async def test_any_query_gets_an_answer_that_parses(raw: bytes) -> None:
    async with House() as house:
        answer = await house.get(b"/api/ohlcv?timeframe=1h&symbol=" + raw)

    assert answer.status in (200, 400, 404)
    assert isinstance(json.loads(answer.plain), dict)


@pytest.mark.parametrize("header", ["authorization", "x-api-key", "x-forwarded-for", "origin"])
@pytest.mark.parametrize("value", [b"\xff\xfe", b"", b"," * 3000, b"Bearer \x00", b"A" * 60_000])
async def test_no_header_breaks_anything(header: str, value: bytes) -> None:
    async with House(settings={**KEYS, "TRUSTED_PROXIES": "2", "RATE_LIMIT_IP": "9"}) as house:
        answer = await house.ask("GET", "/health", [(header.encode(), value)])
        counted = await house.ask("GET", "/nowhere", [(header.encode(), value)])

    assert (answer.status, counted.status) == (200, 404)


@pytest.mark.parametrize("header", ["accept", "accept-encoding", "if-none-match", "x-request-id"])
@pytest.mark.parametrize("value", [b"\xff\xfe", b"", b"," * 3000, b";q=;q", b"A" * 60_000])
async def test_no_header_about_the_answer_breaks_it(
    house: House, header: str, value: bytes
) -> None:
    for target, status in (("/api/price/BTC", 200), ("/nowhere", 404)):
        answer = await house.ask("GET", target, [(header.encode(), value)])

        assert answer.status == status
        assert answer.json


async def test_a_caller_without_an_address_is_counted_too() -> None:
    async with House(settings={"RATE_LIMIT_IP": "1"}) as house:
        first = await house.ask("GET", "/nowhere", peer="")
        second = await house.ask("GET", "/nowhere", peer="")

    assert (first.status, second.status) == (404, 429)
