"""Fear and greed: words and days."""

import pytest

from lib.errors import SourceMalformed
from lib.moods import build_history, mood_word, read_mood
from lib.news import Mood
from tests.conftest import Corpus

DAY_MS = 86_400_000


def test_the_words_are_those_that_alternative_me_used_on_2475_days(corpus: Corpus) -> None:
    rows = corpus.recording("alternative_me/fng_history_to_2024_11")["body"]["data"]

    assert len(rows) == 2475
    for row in rows:
        assert mood_word(int(row["value"])) == row["value_classification"]


@pytest.mark.parametrize(
    ("value", "at_ms"), [(-1, 1), (101, 1), (50, None), (float("nan"), 1), (float("inf"), 1)]
)
def test_a_value_or_a_time_that_cannot_be_is_malformed(value: float, at_ms: int | None) -> None:
    with pytest.raises(SourceMalformed):
        read_mood(value, at_ms)


def test_a_sources_own_word_is_kept_if_it_is_one_of_the_five() -> None:
    assert read_mood(45, 1, "neutral").word == "Neutral"
    assert read_mood(45, 1, "so-so").word == "Fear"
    assert read_mood(45, 1).word == "Fear"


def test_days_are_put_in_order_and_come_once() -> None:
    days = [Mood(value, day * DAY_MS, "Neutral") for value, day in ((3, 3), (1, 1), (2, 2), (9, 2))]

    found = build_history(days)

    assert [mood.time_ms // DAY_MS for mood in found.days] == [1, 2, 3]
    assert found.now.value == 3
    assert found.time_ms == 3 * DAY_MS


def test_a_value_of_now_leads_the_days() -> None:
    now = Mood(7, 5 * DAY_MS + 1, "Extreme Fear")

    assert build_history([Mood(1, DAY_MS, "Extreme Fear")], now).now is now
    assert build_history([], now).days == ()


def test_no_value_at_all_is_malformed() -> None:
    with pytest.raises(SourceMalformed):
        build_history([])
