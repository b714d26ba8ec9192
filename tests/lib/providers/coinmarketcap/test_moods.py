"""CoinMarketCap's fear and greed index."""

import json

import httpx
import pytest
from hypothesis import given

from lib.errors import NoKey, SourceMalformed, SourceThrottled
from lib.providers.coinmarketcap import CoinMarketCap
from lib.queries import Everything
from lib.wire.coinmarketcap_moods import parse_mood, parse_moods
from lib.wire.iso import parse_iso
from tests.conftest import Corpus
from tests.lib.providers.aggregator import damaged, provider, raises_only_source_errors

STATUS = {"error_code": "0", "error_message": ""}
LATEST = json.dumps(
    {
        "data": {
            "value": 64,
            "update_time": "2025-07-26T14:53:10.028Z",
            "value_classification": "Greed",
        },
        "status": STATUS,
    }
).encode()
DAYS = json.dumps(
    {
        "data": [
            {"timestamp": "1753488000", "value": 60, "value_classification": "Greed"},
            {"timestamp": "1753401600", "value": 45, "value_classification": "Neutral"},
        ],
        "status": STATUS,
    }
).encode()


def test_the_recorded_index_is_read(corpus: Corpus) -> None:
    found = parse_mood(corpus.body("coinmarketcap/fear_and_greed_latest_2025"))

    assert (found.value, found.word) == (64, "Greed")
    assert found.time_ms == parse_iso("2025-07-26T14:53:10.028Z")


def test_days_keep_the_sources_own_words() -> None:
    assert [(m.time_ms, m.value, m.word) for m in parse_moods(DAYS)] == [
        (1_753_488_000_000, 60, "Greed"),
        (1_753_401_600_000, 45, "Neutral"),
    ]


@pytest.mark.parametrize("read", [parse_mood, parse_moods])
@pytest.mark.parametrize(("code", "error"), [(1008, SourceThrottled), (1001, NoKey)])
def test_an_error_code_in_the_body_is_an_error(
    read: object, code: int, error: type[Exception]
) -> None:
    body = json.dumps({"status": {"error_code": code}}).encode()

    with pytest.raises(error):
        read(body)  # type: ignore[operator]


def test_an_answer_without_an_index_is_malformed() -> None:
    with pytest.raises(SourceMalformed):
        parse_mood(json.dumps({"status": STATUS}).encode())


@given(damaged(LATEST))
def test_damage_of_the_latest_is_an_index_or_a_source_error(body: bytes) -> None:
    assert raises_only_source_errors(lambda: parse_mood(body))


@given(damaged(DAYS))
def test_damage_of_the_days_is_days_or_a_source_error(body: bytes) -> None:
    assert raises_only_source_errors(lambda: parse_moods(body))


@pytest.mark.anyio
@pytest.mark.parametrize(("key", "root"), [(None, "/public-api"), ("secret", "")])
async def test_now_and_the_month_are_asked_for_with_or_without_a_key(
    key: str | None, root: str
) -> None:
    asked: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        return httpx.Response(200, content=DAYS if "historical" in asked[-1] else LATEST)

    found = await provider(CoinMarketCap, respond, key=key).moods(Everything())

    assert sorted(asked) == [
        f"{root}/v3/fear-and-greed/historical?limit=31",
        f"{root}/v3/fear-and-greed/latest",
    ]
    assert found.now.value == 64
    assert [mood.value for mood in found.days] == [45, 60]
