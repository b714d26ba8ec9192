"""The trained judge of tone."""

import csv
import gzip
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.wording.judge import FILE, TONES, embedded_judge
from tests.conftest import Corpus


def test_its_weights_take_less_than_a_megabyte() -> None:
    assert FILE.stat().st_size < 1_000_000


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("Bitcoin soars to a record high as ETF inflows surge", "positive"),
        ("Exchange hacked: $100M stolen, withdrawals halted", "negative"),
        ("What is a smart contract?", "neutral"),
        ("", "neutral"),
    ],
)
def test_headlines_have_a_tone(text: str, tone: str) -> None:
    assert embedded_judge().judge(text).tone == tone


@given(st.text(max_size=300))
def test_shares_of_any_text_are_probabilities(text: str) -> None:
    shares = embedded_judge().shares(text)
    verdict = embedded_judge().judge(text)

    assert math.isclose(sum(shares), 1.0)
    assert min(shares) >= 0
    assert verdict.tone == TONES[shares.index(max(shares))]
    assert -1 <= verdict.score <= 1
    assert 1 / 3 - 1e-4 <= verdict.confidence <= 1


def test_on_headlines_from_another_market_it_finds_more_than_chance(corpus: Corpus) -> None:
    # company news counted a tenth in training: this asks whether anything was learnt, no more
    with gzip.open(corpus.root / "labels" / "fiqa_2018.csv.gz", "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    clear = [row for row in rows if abs(float(row["score"])) > 0.4]
    right = sum(
        (embedded_judge().judge(row["text"]).score > 0) == (float(row["score"]) > 0)
        for row in clear
    )

    assert right / len(clear) > 0.6
