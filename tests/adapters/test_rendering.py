"""Replies as bytes: shared by all who ask the same, and never changing while their value lasts."""

import asyncio
import gzip
import json
import threading
from dataclasses import replace
from functools import wraps
from typing import Any

import pytest

from adapters.rendering import (
    ENCODERS,
    LARGE_REPLY,
    LEAST_COMPRESSED,
    render,
    render_document,
)
from functions import load_endpoints
from lib.context import Context
from lib.endpoint import Document, Endpoint, Reply, Request
from lib.feeds import LISTINGS, RATES, TICKERS
from lib.market import Pair, Ticker
from lib.sourced import Attempt, Sourced
from tests.house import DECODERS, NOW_MS, House

BTC = Ticker(pair=Pair("BTC", "USDT"), last=42150.25, time_ms=NOW_MS - 40)


class Nothing(Request):
    """Nothing to choose."""


class Said(Reply, kw_only=True):
    """A word."""

    word: str


async def unused(request: Nothing, ctx: Context) -> Said:
    """Never called here."""
    raise NotImplementedError


ENDPOINT = Endpoint(
    method="GET", path="/x", request=Nothing, reply=Said, call=unused, feeds=(RATES, TICKERS)
)


def sourced(
    source: str = "binance", fetched_ms: int = NOW_MS, as_of_ms: int = NOW_MS - 40
) -> Sourced[Ticker]:
    """A ticker that one source gave."""
    return Sourced(BTC, source, (Attempt(source, "ok", 12),), as_of_ms, fetched_ms)


def context(house: House) -> Context:
    """A context for one reply."""
    return house.runtime.context()


# what stands in the bytes


async def test_meta_stands_behind_the_published_fields(house: House) -> None:
    ctx = context(house)
    ctx.use(TICKERS, sourced(), 5)

    made = render(ENDPOINT, Said(word="hello"), ctx, NOW_MS, NOW_MS)

    assert json.loads(made.body) == {
        "success": True,
        "word": "hello",
        "meta": {
            "source": "binance",
            "sources_tried": [{"source": "binance", "outcome": "ok", "ms": 12}],
            "as_of": NOW_MS - 40,
            "fetched_at": NOW_MS,
            "fresh_until": NOW_MS + 5000,
            "degraded": False,
            "sandbox": False,
        },
    }


async def test_a_reply_from_no_source_has_no_meta_and_is_kept_nowhere(house: House) -> None:
    made = render(ENDPOINT, Said(word="hello"), context(house), NOW_MS, NOW_MS)

    assert json.loads(made.body) == {"success": True, "word": "hello"}
    assert (made.until_ms, made.fresh_until_ms) == (0, 0)


async def test_a_bare_array_stays_one(house: House) -> None:
    ctx = context(house)
    ctx.use(TICKERS, sourced(), 5)

    made = render(ENDPOINT, [1, 2], ctx, NOW_MS, NOW_MS)

    assert made.body == b"[1,2]"
    assert (b"x-source", b"binance") in made.headers


async def test_the_slow_half_is_named_first_and_the_last_feed_dates_the_reply(
    house: House,
) -> None:
    ctx = context(house)
    ctx.use(TICKERS, sourced("kraken", NOW_MS - 1000, NOW_MS - 1500), 5)
    ctx.use(RATES, sourced("coingecko", NOW_MS - 9000, NOW_MS - 9500), 3600)

    made = render(ENDPOINT, Said(word="x"), ctx, NOW_MS, NOW_MS)

    meta = json.loads(made.body)["meta"]
    assert meta["source"] == "coingecko,kraken"
    assert (meta["as_of"], meta["fetched_at"]) == (NOW_MS - 1500, NOW_MS - 1000)


async def test_a_reply_is_fresh_as_long_as_all_of_its_parts(house: House) -> None:
    ctx = context(house)
    ctx.use(TICKERS, sourced(fetched_ms=NOW_MS), 60)
    ctx.use(LISTINGS, sourced("coingecko", NOW_MS - 590_000), 600)

    made = render(ENDPOINT, Said(word="x"), ctx, NOW_MS, NOW_MS)

    assert made.fresh_until_ms == NOW_MS + 10_000


async def test_a_reply_that_lacks_a_part_is_soon_tried_again(house: House) -> None:
    ctx = context(house)
    ctx.use(TICKERS, sourced(), 60)
    ctx.lacks("word", "kraken timeout", failed=True)

    made = render(ENDPOINT, Said(word="x"), ctx, NOW_MS, NOW_MS)

    assert json.loads(made.body)["meta"]["degraded"] is True
    assert json.loads(made.body)["meta"]["missing"] == {"word": "kraken timeout"}
    assert made.fresh_until_ms == NOW_MS + 10_000


async def test_what_nobody_has_shortens_nothing(house: House) -> None:
    ctx = context(house)
    ctx.use(TICKERS, sourced(), 60)
    ctx.lacks("word", "no source has it")

    made = render(ENDPOINT, Said(word="x"), ctx, NOW_MS, NOW_MS)

    assert json.loads(made.body)["meta"]["degraded"] is False
    assert made.fresh_until_ms == NOW_MS + 60_000


async def test_the_bytes_of_one_value_do_not_depend_on_the_hour(house: House) -> None:
    bodies = set()
    for later_ms in (0, 1000, 4000, 90_000):
        ctx = context(house)
        ctx.use(TICKERS, sourced(), 5)
        bodies.add(render(ENDPOINT, Said(word="x"), ctx, NOW_MS, NOW_MS + later_ms).body)

    assert len(bodies) == 1


async def test_another_body_has_another_tag(house: House) -> None:
    one = render(ENDPOINT, Said(word="a"), context(house), NOW_MS, NOW_MS)
    other = render(ENDPOINT, Said(word="b"), context(house), NOW_MS, NOW_MS)
    same = render(ENDPOINT, Said(word="a"), context(house), NOW_MS, NOW_MS)

    assert one.etag == same.etag != other.etag


async def test_stale_bytes_are_good_for_a_second(house: House) -> None:
    ctx = context(house)
    ctx.use(TICKERS, sourced(fetched_ms=NOW_MS - 6000), 5)

    made = render(ENDPOINT, Said(word="x"), ctx, NOW_MS, NOW_MS)

    assert made.stale
    assert made.until_ms == NOW_MS + 1000


def test_a_document_is_sent_as_it_is() -> None:
    page = Document(b"<p>hello", "text/html", 60, (("X-Frame-Options", "DENY"),), 203)

    made = render_document("page", page, NOW_MS, 300)

    assert (made.body, made.media_type, made.status) == (b"<p>hello", b"text/html", 203)
    assert made.headers == [(b"x-frame-options", b"DENY")]
    assert made.until_ms == NOW_MS + 60_000


def test_a_document_cannot_smuggle_a_header_line() -> None:
    page = Document(b"x", "text/plain", 60, (("Link", "</next>\r\nSet-Cookie: a=b"),))

    with pytest.raises(ValueError, match="line break"):
        render_document("page", page, NOW_MS, 300)


@pytest.mark.parametrize("coding", list(ENCODERS))
def test_every_coding_gives_the_body_back(coding: str) -> None:
    body = json.dumps([{"price": number / 7} for number in range(500)]).encode()

    packed = ENCODERS[coding](body)

    assert len(packed) < len(body) / 2
    assert DECODERS[coding](packed) == body


@pytest.mark.parametrize("coding", list(ENCODERS))
def test_the_same_body_is_always_packed_alike(coding: str) -> None:
    body = b"again and again " * LEAST_COMPRESSED

    assert ENCODERS[coding](body) == ENCODERS[coding](body)


# sharing


class Counting:
    """An endpoint's call that counts itself and waits for a sign."""

    def __init__(self) -> None:
        self.calls = 0
        self.go = asyncio.Event()

    def endpoint(self) -> Endpoint:
        async def counting(request: Nothing, ctx: Any) -> Said:
            self.calls += 1
            await self.go.wait()
            ctx.use(TICKERS, sourced(), 5)
            return Said(word="once")

        return Endpoint(
            method="GET",
            path="/count",
            request=Nothing,
            reply=Said,
            call=counting,
            feeds=(TICKERS,),
        )


async def test_two_hundred_at_once_are_answered_by_one_rendering() -> None:
    counting = Counting()
    async with House(endpoints=[counting.endpoint()]) as house:
        asking = [asyncio.create_task(house.get(f"/count?junk={n % 7}")) for n in range(200)]
        await asyncio.sleep(0)
        counting.go.set()
        answers = await asyncio.gather(*asking)

    assert counting.calls == 1
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1


async def test_ten_thousand_at_once_are_one_call_one_rendering_and_one_compression(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = {"replies": 0, "compressed": 0}
    [market] = [one for one in load_endpoints() if one.name == "market"]

    @wraps(market.call)
    async def counting(request: Any, ctx: Any) -> Any:
        made["replies"] += 1
        return await market.call(request, ctx)

    def compress(body: bytes) -> bytes:
        made["compressed"] += 1
        return gzip.compress(body, 1)

    monkeypatch.setitem(ENCODERS, "gzip", compress)
    async with House(endpoints=[replace(market, call=counting)]) as house:
        one = await house.get("/api/market?limit=50", accept_encoding="gzip")
        alone, made_alone = house.calls, dict(made)
        house.clock.advance(100_000)  # nothing is kept so long
        spellings = [f"/api/market?limit=50&junk={number % 9}" for number in range(10_000)]
        answers = await asyncio.gather(
            *(house.get(target, accept_encoding="gzip") for target in spellings)
        )

    assert {(answer.status, len(answer.body) > 1000) for answer in answers} == {(200, True)}
    assert len({answer.body for answer in answers} - {one.body}) == 1
    assert house.calls == 2 * alone
    assert made_alone == {"replies": 1, "compressed": 1}
    assert made == {"replies": 2, "compressed": 2}


async def test_a_large_reply_is_compressed_once_and_outside_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads: list[int] = []

    def compress(body: bytes) -> bytes:
        threads.append(threading.get_ident())
        return gzip.compress(body, 1)

    monkeypatch.setitem(ENCODERS, "gzip", compress)
    large = Document(b"x" * (LARGE_REPLY + 1), "text/plain", 60)
    made = render_document("page", large, NOW_MS, 300)

    packed = await asyncio.gather(*(made.make("gzip") for _ in range(50)))

    assert {gzip.decompress(body) for body, _ in packed} == {large.body}
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_who_asks_what_is_being_made_waits_at_the_door() -> None:
    counting = Counting()
    async with House(endpoints=[counting.endpoint()]) as house:
        first = asyncio.create_task(house.get("/count"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        house.app._inside = None  # type: ignore[assignment]  # nobody else gets that far
        later = [asyncio.create_task(house.get("/count")) for _ in range(3)]
        await asyncio.sleep(0)
        counting.go.set()
        answers = await asyncio.gather(first, *later)

    assert counting.calls == 1
    assert {(answer.status, answer.headers["x-cache"]) for answer in answers} == {(200, "miss")}
    assert house.counted == [("counting", 200, "miss")] * 4


async def test_a_bug_is_logged_once_however_many_wait(caplog: pytest.LogCaptureFixture) -> None:
    async def probe(request: Nothing, ctx: Any) -> Said:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        raise RuntimeError("secret-internals")

    broken = Endpoint(method="GET", path="/probe", request=Nothing, reply=Said, call=probe)
    async with House(endpoints=[broken]) as house:
        first = asyncio.create_task(house.get("/probe"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        answers = await asyncio.gather(first, *(house.get("/probe") for _ in range(20)))

    assert {(answer.status, answer.error["code"]) for answer in answers} == {
        (500, "INTERNAL_ERROR")
    }
    assert all(b"secret" not in answer.body for answer in answers)
    assert [r.message for r in caplog.records].count("request.failed") == 1
    assert house.counted == [("probe", 500, "none")] * 21


async def test_an_asker_who_leaves_takes_nobody_along() -> None:
    counting = Counting()
    async with House(endpoints=[counting.endpoint()]) as house:
        first = asyncio.create_task(house.get("/count"))
        second = asyncio.create_task(house.get("/count"))
        await asyncio.sleep(0)
        first.cancel()
        counting.go.set()
        answer = await second

    assert answer.status == 200
    assert counting.calls == 1


async def test_the_order_of_parameters_makes_no_other_rendering(house: House) -> None:
    one = await house.get("/api/ohlcv?symbol=BTC&timeframe=1h&limit=5")
    two = await house.get("/api/ohlcv?limit=5&timeframe=1h&symbol=BTC&cachebuster=1")

    assert one.body == two.body
    assert len(house.app._pantry._answers) == 1


async def test_another_question_is_another_rendering(house: House) -> None:
    one = await house.get("/api/orderbook/BTC?limit=5")
    two = await house.get("/api/orderbook/BTC?limit=6")

    assert (len(one.json["bids"]), len(two.json["bids"])) == (5, 6)


async def test_a_failure_is_rendered_for_all_but_kept_for_nobody() -> None:
    async with House(faults={"binance": "500"}) as house:
        for source in house.sandbox.state.faults.providers:
            house.sandbox.state.faults.set(source, "500")
        failed = await asyncio.gather(*(house.get("/api/price/BTC") for _ in range(20)))
        house.sandbox.state.faults.clear()
        after = await house.get("/api/price/BTC")

    assert {answer.status for answer in failed} == {503}
    assert after.status == 200
