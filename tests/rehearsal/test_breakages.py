"""What the rehearsal is for: each way in which a deployment breaks makes it fail, and says why."""

import json
import sys
from contextlib import closing
from pathlib import Path

import pytest

from rehearsal.emulator import Function, import_ms
from rehearsal.events import http_event
from rehearsal.tools import Failed
from rehearsal.zips import check_layers
from tests.servers import parrot

MB = 1024 * 1024
EVENT = http_event("GET", "/api/price/BTC")


def test_an_import_that_breaks_fails(tmp_path: Path) -> None:
    (tmp_path / "broken_function.py").write_text("import a_module_in_no_layer\n")

    with pytest.raises(Failed, match="a_module_in_no_layer"):
        import_ms("broken_function", str(tmp_path), Path(sys.executable))


def test_an_import_that_works_is_timed(tmp_path: Path) -> None:
    (tmp_path / "whole_function.py").write_text("import json\n")

    assert import_ms("whole_function", str(tmp_path), Path(sys.executable)) > 0


def test_layers_above_what_lambda_takes_fail() -> None:
    check_layers(["light", "ai"], 250 * MB)

    with pytest.raises(Failed, match="light and ai have 251 MB"):
        check_layers(["light", "ai"], 251 * MB)


def emulator_says(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


RAISED = {"errorMessage": "no such table", "errorType": "KeyError", "stackTrace": ["handler.py"]}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (json.dumps(RAISED).encode(), "no such table"),
        (b"null", "null"),
        (b"Task timed out after 5.00 seconds", "timed out"),
        (b"{}", "broke"),
    ],
    ids=["raised", "answered nothing", "out of time", "no answer of a gateway's"],
)
def test_a_handler_that_does_not_answer_fails(tmp_path: Path, body: bytes, told: str) -> None:
    with (
        parrot(emulator_says(body)) as port,
        closing(Function("price", port, tmp_path / "log")) as function,
        pytest.raises(Failed, match=told),
    ):
        function.invoke(EVENT)


def test_a_failure_shows_the_end_of_the_functions_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("Traceback: division by zero")

    with (
        parrot(emulator_says(b"null")) as port,
        closing(Function("price", port, log)) as function,
        pytest.raises(Failed, match="division by zero"),
    ):
        function.invoke(EVENT)
