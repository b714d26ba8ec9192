"""The Fear & Greed index of alternative.me."""

import json
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import SourceError, SourceMalformed, SourceUnavailable
from lib.providers.alternative_me import AlternativeMe, parse_moods
from lib.queries import Everything
from tests.conftest import Corpus
from tests.lib.providers.aggregator import damaged, provider, raises_only_source_errors

DAY_MS = 86_400_000


def answer(*rows: dict[str, object], **more: object) -> bytes:
    """An answer with these rows."""
    return json.dumps({"data": rows, "metadata": {"error": None}, **more}).encode()


def test_trap_10_strings_and_seconds_become_numbers_and_milliseconds(corpus: Corpus) -> None:
    found = parse_moods(corpus.body("alternative_me/fng_latest"))

    assert (found.now.value, found.now.word) == (71, "Greed")
    assert found.now.time_ms == found.time_ms == 1_787_356_800_000


def test_trap_10_the_recorded_history_is_turned_round_and_keeps_its_holes(corpus: Corpus) -> None:
    recording = corpus.recording("alternative_me/fng_history_to_2024_11")["body"]["data"]

    found = parse_moods(corpus.body("alternative_me/fng_history_to_2024_11"))

    assert [(m.value, m.time_ms, m.word) for m in found.days] == [
        (int(row["value"]), int(row["timestamp"]) * 1000, row["value_classification"])
        for row in reversed(recording)
    ]
    steps = [later.time_ms - earlier.time_ms for earlier, later in pairwise(found.days)]
    assert sorted(step // DAY_MS for step in steps if step != DAY_MS) == [2, 4]
    assert found.now == found.days[-1]


def test_an_error_that_comes_with_status_200_is_an_error(corpus: Corpus) -> None:
    with pytest.raises(SourceUnavailable):
        parse_moods(corpus.body("alternative_me/error_bad_param"))


def test_an_error_may_come_without_a_list() -> None:
    with pytest.raises(SourceUnavailable):
        parse_moods(b'{"data": null, "metadata": {"error": "Invalid limit"}}')


@pytest.mark.parametrize(
    "body",
    [
        answer(),
        answer({"value": "101", "timestamp": "1787356800"}),
        answer({"value": "-1", "timestamp": "1787356800"}),
        answer({"value": "NaN", "timestamp": "1787356800"}),
        answer({"value": "50"}),
        answer({"value": "50", "timestamp": "0"}),
        b"<html></html>",
        b"[]",
        b"{}",
    ],
)
def test_what_is_no_index_is_malformed(body: bytes) -> None:
    with pytest.raises(SourceMalformed):
        parse_moods(body)


def test_an_unknown_word_gives_way_to_ours() -> None:
    row = {"value": "90", "timestamp": "1787356800", "value_classification": "<b>Euphoria</b>"}

    assert parse_moods(answer(row)).now.word == "Extreme Greed"


@given(damaged(answer({"value": "71", "timestamp": "1787356800", "value_classification": "Greed"})))
def test_damage_is_an_index_or_a_source_error(body: bytes) -> None:
    assert raises_only_source_errors(lambda: parse_moods(body))


@given(st.integers(0, 100))
def test_every_value_has_a_word(value: int) -> None:
    word = parse_moods(answer({"value": str(value), "timestamp": "1787356800"})).now.word

    assert word in ("Extreme Fear", "Fear", "Neutral", "Greed", "Extreme Greed")


@pytest.mark.anyio
async def test_a_month_is_asked_for_at_once(corpus: Corpus) -> None:
    asked: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, content=corpus.body("alternative_me/fng_latest"))

    found = await provider(AlternativeMe, respond).moods(Everything())

    assert asked == ["https://api.alternative.me/fng/?limit=31"]
    assert found.now.value == 71


@pytest.mark.anyio
@pytest.mark.parametrize("status", [403, 429, 451, 500, 503])
async def test_a_status_is_a_source_error(status: int) -> None:
    source = provider(AlternativeMe, lambda _: httpx.Response(status))

    with pytest.raises(SourceError):
        await source.moods(Everything())
