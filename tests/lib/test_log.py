"""Logs: one JSON object a line, with the request's id, secrets masked."""

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from lib.log import JsonLines, Sparse, request_id, set_up_logging


def record(message: str, *arguments: object, **more: object) -> logging.LogRecord:
    """A record as the logging machinery makes it."""
    made = logging.makeLogRecord(
        {
            "name": "dreammaker.tests",
            "levelname": "WARNING",
            "msg": message,
            "args": arguments,
            "created": 1_764_000_123.456,
            "msecs": 456.0,
        }
    )
    made.__dict__.update(more)
    return made


def fail(words: str) -> None:
    """Raise an error that says so."""
    raise ValueError(words)


def line(made: logging.LogRecord, *secrets: str) -> Any:
    """What is written of a record."""
    text = JsonLines(secrets).format(made)
    assert "\n" not in text
    return json.loads(text)


def test_a_line_has_time_level_logger_event_and_facts() -> None:
    assert line(record("source.failed", source="kraken", ms=400)) == {
        "time": "2025-11-24T16:02:03.456Z",
        "level": "warning",
        "logger": "dreammaker.tests",
        "event": "source.failed",
        "source": "kraken",
        "ms": 400,
    }


def test_the_request_under_way_is_named() -> None:
    token = request_id.set("trace-me-123")
    try:
        inside = line(record("x"))
    finally:
        request_id.reset(token)

    assert inside["request_id"] == "trace-me-123"
    assert "request_id" not in line(record("x"))


def test_an_exception_is_one_line_too() -> None:
    try:
        fail("first\nsecond")
    except ValueError:
        made = record("request.failed", exc_info=sys.exc_info())

    assert "ValueError: first\nsecond" in line(made)["trace"]


def test_arguments_are_filled_in() -> None:
    assert line(record("%s of %d", "one", 2))["event"] == "one of 2"


@pytest.mark.parametrize(
    "secret", ["plain-secret", 'quo"ted', "back\\slash", "tab\tbed", "ümläut-secret", "sla/shed"]
)
def test_a_secret_is_masked_wherever_it_turns_up(secret: str) -> None:
    try:
        fail(f"refused: {secret}")
    except ValueError:
        made = record(
            f"asked {secret}", url=f"https://x/?key={secret}", deep={"a": [secret]},
            exc_info=sys.exc_info(),
        )  # fmt: skip

    text = JsonLines([secret]).format(made)

    assert secret not in text
    assert json.dumps(secret)[1:-1] not in text
    assert json.dumps(secret, ensure_ascii=False)[1:-1] not in text
    assert text.count("***") >= 4
    json.loads(text)


def test_a_secret_that_holds_another_is_masked_whole() -> None:
    assert line(record("token-and-more"), "token", "token-and-more")["event"] == "***"


def test_a_secret_of_three_letters_is_no_reason_to_mask_words() -> None:
    assert line(record("the cat sat"), "cat", "")["event"] == "the cat sat"


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, float("nan"), b"bytes", ValueError("x"), "\ud800", 10**40]
)
def test_no_fact_breaks_a_line(value: object) -> None:
    text = JsonLines().format(record("odd", value=value))

    assert json.loads(text)["event"] == "odd"


def test_control_characters_are_escaped() -> None:
    text = JsonLines().format(record("x", path="/a\r\n\x1b[31m\x00"))

    assert text.isascii()
    assert text.isprintable()


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, put back afterwards."""
    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    yield logger
    logger.handlers[:] = handlers
    logger.setLevel(level)


def test_all_logs_go_to_standard_error_as_lines(
    root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging("info", ["hidden-key"])
    logging.getLogger("some.library").info("hello hidden-key")
    logging.getLogger("some.library").debug("not this")

    captured = capsys.readouterr()
    assert captured.out == ""
    assert [json.loads(text)["event"] for text in captured.err.splitlines()] == ["hello ***"]


def test_the_http_client_never_logs_its_urls(
    root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging("debug")
    logging.getLogger("httpx").info("HTTP Request: GET https://x.example/?apikey=1")
    logging.getLogger("httpcore.http11").debug("headers")

    assert capsys.readouterr().err == ""


def test_a_secret_that_is_no_text_is_masked_too() -> None:
    assert line(record("said", what="pässword\udcff"), "pässword\udcff")["what"] == "***"


def test_a_secret_is_masked_in_a_line_that_is_no_text() -> None:
    assert line(record("said", file="\udcff", what="pässword"), "pässword")["what"] == "***"


def test_what_an_event_says_again_for_terminals_is_left_out() -> None:
    assert "color_message" not in line(record("Started", color_message="\x1b[36mStarted"))


def test_a_warning_that_callers_cause_is_written_once_a_minute_and_counted() -> None:
    now_s = [0.0]
    sparse = Sparse(lambda: now_s[0])

    def passes(message: str, level: int = logging.WARNING) -> tuple[bool, int | None]:
        made = record(message)
        made.levelno = level
        return sparse.filter(made), vars(made).get("left_out")

    first = [passes("no HTTP"), passes("no HTTP"), passes("no HTTP"), passes("another")]
    now_s[0] = 60.0
    later = [passes("no HTTP"), passes("another")]

    assert first == [(True, None), (False, None), (False, None), (True, None)]
    assert later == [(True, 2), (True, None)]


def test_an_error_is_never_left_out() -> None:
    sparse = Sparse(lambda: 0.0)
    made = record("broken")
    made.levelno = logging.ERROR

    assert [sparse.filter(made), sparse.filter(made)] == [True, True]
