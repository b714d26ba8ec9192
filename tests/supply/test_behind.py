"""Pins behind the newest release: told where the index answers, and silence is no answer."""

import json
from collections.abc import Sequence
from pathlib import Path

from supply.behind import Newest, ask_index, behind

HERE = [{"name": "h11", "version": "0.16.0"}, {"name": "Typing_Extensions", "version": "4.1"}]
LATE = [{"name": "Typing_Extensions", "version": "4.1", "latest_version": "4.2"}]


def answering(command: Sequence[str], folder: Path) -> tuple[str, str]:
    """An index that knows everything."""
    if "index" in command:
        return "pip (99.0)", ""
    return json.dumps(LATE if "--outdated" in command else HERE), ""


def silent(command: Sequence[str], folder: Path) -> tuple[str, str]:
    """pip without an index: it knows what is installed, and of nothing newer."""
    if "index" in command:
        return "", "ERROR: No matching distribution found for pip"
    return json.dumps([] if "--outdated" in command else HERE), ""


def test_a_pin_behind_the_newest_release_is_named() -> None:
    said = behind({"h11": "0.16.0", "typing-extensions": "4.1"}, ask_index(answering))

    assert said == (
        "1 of 2 pins that are installed here are behind the newest release: "
        "typing-extensions 4.1 (newest 4.2)"
    )


def test_a_pin_that_is_not_installed_here_is_not_judged() -> None:
    said = behind({"torch": "2.0", "h11": "0.9"}, Newest({"h11": "0.16.0"}, {"torch": "3.0"}))

    assert said == "0 of 0 pins that are installed here are behind the newest release"


def test_an_index_that_does_not_answer_is_no_all_clear() -> None:
    newest = ask_index(silent)

    assert newest is None
    assert behind({"h11": "0.16.0"}, newest) == (
        "the index does not say which pins are behind the newest release"
    )
