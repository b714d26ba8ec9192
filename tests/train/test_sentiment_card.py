"""The sentiment model's card says what was printed, and whether a target was met."""

from typing import Any

from train.sentiment_card import SEEDS, card, digest


def report(**changed: Any) -> dict[str, Any]:
    """What the evaluate command may print."""
    return {
        "model": "sentiment_v1",
        "folds": 5,
        "n": 10,
        "accuracy": 0.7,
        "macro_f1": 0.67,
        "recall": {"negative": 0.6, "neutral": 0.5, "positive": 0.8},
        "ece": 0.02,
        "ece_equal_counts": 0.03,
        "reliability": [{"n": 10, "said": 0.7, "right": 0.7}],
        "ms": 0.4,
        "from": "2018-07-30",
        "to": "2022-01-25",
    } | changed


def reports(**changed: Any) -> dict[str, dict[str, Any]]:
    """One for each seed."""
    return {f"cryptolin_headlines, seed {seed}": report(**changed) for seed in SEEDS}


def test_a_target_that_is_reached_is_met() -> None:
    text = card(reports())

    assert "Macro-F1: 0.6700 on average, target 0.66: met." in text
    assert "target 0.03: met" in text


def test_a_target_that_is_not_reached_is_missed_by_so_much() -> None:
    text = card(reports(macro_f1=0.6, ece=0.05, ms=1.5))

    assert "target 0.66: missed by 0.0600." in text
    assert "target 0.03: missed" in text
    assert "1.5 ms a headline at most, target 1 ms: missed" in text


def test_the_card_in_json_holds_each_report_whole() -> None:
    assert digest(reports())["evaluations"] == reports()
