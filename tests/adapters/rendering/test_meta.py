"""What stands in a reply's bytes besides its fields, and how long they are good."""

import json

from adapters.rendering import (
    render,
)
from lib.feeds import LISTINGS, RATES, TICKERS
from tests.adapters.rendering.word import ENDPOINT, Said, context, sourced
from tests.house import NOW_MS, House


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
            "missing": {},
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
