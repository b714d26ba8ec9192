"""The audit: what it finds, what it lets pass with a reason, and that silence is no answer."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from supply.audit import Accepted, Run, ask_npm, ask_python, load_accepted, report
from supply.locks import ACCEPTED

LOCK = Path("requirements/space.txt")
FAR = date(2999, 1, 1)
BAD = {"name": "h11", "version": "0.1", "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-2025-1"]}]}
GOOD = {"name": "anyio", "version": "4.0", "vulns": []}
SKIPPED = {"name": "httpx", "skip_reason": "Dependency not found on PyPI"}
NPM = {
    "vulnerabilities": {
        "left": {"range": "<2", "via": [{"url": "https://github.com/advisories/GHSA-1"}, "right"]}
    }
}


def saying(output: Any, errors: str = "") -> Run:
    """A tool that says this."""
    text = output if isinstance(output, str) else json.dumps(output)

    def run(command: Sequence[str], folder: Path) -> tuple[str, str]:
        return text, errors

    return run


def reported(told: Any, *accepted: Accepted) -> tuple[int, str]:
    lines: list[str] = []
    code = report("space", told, accepted, lines.append)
    return code, "".join(lines)


def test_nothing_known_is_well() -> None:
    assert reported(ask_python(LOCK, saying({"dependencies": [GOOD]}))) == (
        0,
        "space: nothing is known against it\n",
    )


def test_an_advisory_is_a_failure_and_is_named() -> None:
    code, said = reported(ask_python(LOCK, saying({"dependencies": [GOOD, BAD]})))

    assert (code, said) == (1, "space: h11 0.1: PYSEC-1\n")


@pytest.mark.parametrize("by", ["PYSEC-1", "CVE-2025-1"])
def test_what_is_explained_passes_with_its_reason(by: str) -> None:
    accepted = Accepted(by, "h11", "the parser in question is not ours", FAR)

    code, said = reported(ask_python(LOCK, saying({"dependencies": [BAD]})), accepted)

    assert code == 0
    assert "the parser in question" in said


@pytest.mark.parametrize(
    "other",
    [
        Accepted("PYSEC-1", "anyio", "another package altogether", FAR),
        Accepted("PYSEC-2", "h11", "another advisory altogether", FAR),
        Accepted("PYSEC-1", "h11", "was believed for a while", date(2020, 1, 1)),
    ],
)
def test_an_explanation_of_something_else_or_of_the_past_explains_nothing(other: Accepted) -> None:
    assert reported(ask_python(LOCK, saying({"dependencies": [BAD]})), other)[0] == 1


def test_a_package_that_nobody_could_tell_about_is_not_passed_over() -> None:
    code, said = reported(ask_python(LOCK, saying({"dependencies": [GOOD, SKIPPED]})))

    assert code == 2
    assert "NOT ASKED about 1, such as httpx: Dependency not found" in said


def test_a_service_that_cannot_be_reached_is_said_so() -> None:
    failed = saying("", "INFO: x\nERROR: Could not connect to the service\n")

    assert reported(ask_python(LOCK, failed)) == (
        2,
        "space: NOT ASKED about 1, such as all: ERROR: Could not connect to the service\n",
    )


def test_what_npm_finds_is_named_by_its_advisory() -> None:
    code, said = reported(ask_npm(Path(), saying(NPM)))

    assert (code, said) == (1, "space: left <2: GHSA-1\n")


def test_an_npm_registry_that_does_not_answer_is_said_so() -> None:
    refused = saying(
        {"message": "405 Method Not Allowed"}, "npm error audit endpoint returned an error"
    )

    assert reported(ask_npm(Path(), refused))[0] == 2


def test_our_own_exceptions_say_why_and_until_when() -> None:
    load_accepted(ACCEPTED)


@pytest.mark.parametrize(
    "row", ['why = "short"\nuntil = 2030-01-01', 'why = "long enough to be a reason"']
)
def test_an_exception_without_a_reason_or_an_end_is_none(row: str, tmp_path: Path) -> None:
    path = tmp_path / "accepted.toml"
    path.write_text(f'[[accepted]]\nid = "A"\npackage = "b"\n{row}\n')

    with pytest.raises((ValueError, KeyError)):
        load_accepted(path)
