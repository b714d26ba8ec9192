"""The server's own few lines: what its settings and its command line do."""

import asyncio
import logging
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import local_server
from lib.runtime import load_providers
from lib.settings import Settings

NOBODY = {f"{name.upper()}_BASE_URL": "http://127.0.0.1:9" for name in load_providers()}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of this machine, no server, and the logs as they were."""
    for name in [*Settings.model_fields, *NOBODY]:
        monkeypatch.delenv(name.upper(), raising=False)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("RATE_LIMIT_IP", "many"), ("API_KEYS", "name:not-a-hash"), ("BINANCE_BASE_URL", "x")],
)
def test_a_setting_that_cannot_be_used_ends_the_start_with_its_name(
    variable: str,
    value: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(variable, value)

    assert local_server.main(["--upstream", "live", "--port", "0"]) == 2

    assert capsys.readouterr().err.startswith(f"A setting cannot be used. {variable}: ")


def test_traces_without_opentelemetry_end_the_start_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", None)

    assert local_server.main(["--upstream", "live", "--port", "0"]) == 2

    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("A setting cannot be used. OTEL_EXPORTER_OTLP_ENDPOINT: ")
    assert "pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http" in said


def test_faults_without_the_sandbox_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert local_server.main(["--upstream", "live", "--faults", "binance=451"]) == 2
    assert "--upstream sandbox" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ("mtgox=451", "there are: "),
        ("binance=lazy", "there are: an HTTP status"),
        ("binance", "no source=fault"),
    ],
)
def test_a_fault_that_does_not_exist_ends_the_start_with_those_that_do(
    faults: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert local_server.main(["--upstream", "sandbox", "--faults", faults]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("environment", "level"),
    [
        ({}, logging.INFO),
        ({"LOG_LEVEL": "error"}, logging.ERROR),
        ({"DEBUG": "true"}, logging.DEBUG),
        ({"DEBUG": "true", "LOG_LEVEL": "error"}, logging.DEBUG),
    ],
)
def test_debug_is_the_loudest_log_level(
    environment: dict[str, str], level: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    local_server.main(["--upstream", "live", "--faults", "binance=451"])

    assert logging.getLogger().level == level


async def test_max_workers_is_the_number_of_threads() -> None:
    app, _ = local_server.build_app(Settings.load({"MAX_WORKERS": "3", **NOBODY}))
    orders: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    told: asyncio.Queue[Any] = asyncio.Queue()
    running = asyncio.create_task(app({"type": "lifespan"}, orders.get, told.put))

    await orders.put({"type": "lifespan.startup"})
    started = await told.get()
    threads = asyncio.get_running_loop()._default_executor._max_workers  # type: ignore[attr-defined]
    await orders.put({"type": "lifespan.shutdown"})
    ended = await told.get()
    await running

    assert (started["type"], ended["type"]) == (
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    )
    assert threads == 3


def test_a_port_in_use_ends_the_start_with_a_code_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])

        code = local_server.main(["--upstream", "sandbox", "--host", "127.0.0.1", "--port", port])

    assert code == 3
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith(f"The server cannot listen on 127.0.0.1:{port}: ")


def test_an_option_that_redis_has_not_ends_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:canary@127.0.0.1:6379/0?colour=red")

    assert local_server.main(["--upstream", "live", "--port", "0"]) == 2

    said = capsys.readouterr().err
    assert said.startswith("A setting cannot be used. REDIS_URL: an option after '?' is not known")
    assert "canary" not in said
