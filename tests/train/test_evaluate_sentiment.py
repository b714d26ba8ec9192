"""The report on labelled texts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lib.news import Verdict
from train.evaluate_sentiment import read_labelled, report


def test_figures_are_those_of_a_hand_computation() -> None:
    labels = ["positive", "positive", "negative", "neutral"]
    told = [Verdict("positive", 0.9, 0.95), Verdict("neutral", 0, 0.55)]
    told += [Verdict("negative", -0.9, 0.95), Verdict("neutral", 0, 0.55)]

    found = report(labels, told)

    assert found["accuracy"] == 0.75
    assert found["recall"] == {"negative": 1.0, "neutral": 1.0, "positive": 0.5}
    # F1: negative 1, neutral 2/3, positive 2/3
    assert found["macro_f1"] == pytest.approx(7 / 9, abs=1e-4)
    # two of two right at .95, one of two at .55
    assert found["ece"] == pytest.approx(0.05)


def test_the_command_prints_json_about_a_plain_file(tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    file.write_text('text,label\n"Bitcoin soars, again",positive\nExchange hacked,Negative\n')

    done = subprocess.run(
        [sys.executable, "-m", "train.evaluate_sentiment", str(file)],
        capture_output=True,
        check=True,
    )

    found = json.loads(done.stdout)
    assert (found["n"], found["model"]) == (2, "sentiment_v1")
    assert found["ms"] > 0


@pytest.mark.parametrize("content", ["text,label\n", "a,b\n1,2\n", "text,label\nx,great\n"])
def test_a_file_without_labels_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "some.csv"
    file.write_text(content)

    with pytest.raises(ValueError, match=r"some\.csv"):
        read_labelled(file)
