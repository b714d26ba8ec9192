"""CoinMarketCap's own codes, and what is no table."""

import json
from collections.abc import Callable

import httpx
import pytest

from lib.errors import (
    NoKey,
    SourceError,
    SourceMalformed,
    SourceThrottled,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.providers.coinmarketcap import CoinMarketCap
from lib.queries import Everything
from lib.wire.coinmarketcap import parse_globals, parse_listings
from tests.conftest import Corpus
from tests.lib.providers.aggregator import NONSENSE, NOW_MS, provider
from tests.lib.wire.coinmarketcap.answers import BITCOIN, table


@pytest.mark.parametrize("code", [0, "0", None])
def test_trap_5_a_code_of_zero_is_no_error_however_it_is_written(code: object) -> None:
    assert parse_listings(table(BITCOIN, error_code=code), NOW_MS).rows[0].price == 77671.5


@pytest.mark.parametrize(
    ("code", "error", "wait_s"),
    [
        (1001, NoKey, None),
        ("1002", NoKey, None),
        (1008, SourceThrottled, 60.0),
        (1009, SourceThrottled, 3600.0),
        (1010, SourceThrottled, 86400.0),
        ("1015", SourceThrottled, 86400.0),
        (400, SourceUnsupported, None),
        (500, SourceUnavailable, None),
    ],
)
@pytest.mark.parametrize("parse", [parse_listings, parse_globals])
def test_trap_5_an_error_may_come_with_http_200(
    parse: Callable[[bytes, int], object], code: object, error: type[SourceError], wait_s: float
) -> None:
    with pytest.raises(SourceError) as caught:
        parse(json.dumps({"status": {"error_code": code}, "data": {}}).encode(), NOW_MS)

    assert caught.type is error
    assert getattr(caught.value, "retry_after_s", None) == wait_s


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("name", "error"), [("error_1001", NoKey), ("error_1008", SourceThrottled)]
)
async def test_documented_refusals_are_understood(
    corpus: Corpus, name: str, error: type[SourceError]
) -> None:
    recording = corpus.recording(f"coinmarketcap/{name}")
    response = httpx.Response(recording["status"], json=recording["body"])

    with pytest.raises(error):
        await provider(CoinMarketCap, lambda _: response, key="k").globals(Everything())


def test_the_mood_is_not_taken_for_a_table_nor_for_totals(corpus: Corpus) -> None:
    mood = corpus.body("coinmarketcap/fear_and_greed_latest_2025")

    for parse in (parse_listings, parse_globals):
        with pytest.raises(SourceMalformed):
            parse(mood, NOW_MS)


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_malformed(text: bytes) -> None:
    for parse in (parse_listings, parse_globals):
        with pytest.raises(SourceMalformed):
            parse(text, NOW_MS)
