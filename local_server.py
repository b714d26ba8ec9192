"""The server: every endpoint in one process, for a laptop, a container or a Hugging Face Space.

python local_server.py                       live data, or the sandbox without a network
python local_server.py --upstream sandbox --faults binance=451,kraken=hang
python local_server.py doctor                asks every provider from here
"""

import argparse
import asyncio
import io
import logging
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpx

from adapters.asgi import create_app
from adapters.background import fetch_ahead, keep_limits_in_step, report, score
from adapters.command_line import banner, read_options, why_sandbox
from adapters.doctor import examine
from adapters.front_door import App
from adapters.listening import CannotListen, port_taken
from adapters.live import Live
from adapters.metrics import Metrics
from adapters.socket_protocol import run_server
from functions import load_channels, load_endpoints
from lib import VERSION
from lib.log import set_up_logging
from lib.observe import Several
from lib.runtime import (
    build_client,
    build_runtime,
    choose_ledger,
    load_providers,
)
from lib.settings import Settings, SettingsError

if TYPE_CHECKING:
    from adapters.tracing import Tracing
    from lib.sandbox import SandboxServer

PROBES = {"binance": "/api/v3/ping", "coingecko": "/ping"}
PROBE_S = 1.5
FINISH_S = 3  # what is under way when the server ends
CANNOT_START, CANNOT_LISTEN = 2, 3  # exit codes: a setting or an option; the port

_log = logging.getLogger("dreammaker.server")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; the process's exit code."""
    options = read_options(arguments)
    try:
        settings = Settings.load()
        level = "debug" if settings.debug else settings.log_level
        set_up_logging(level, settings.secrets())
        if options.command == "doctor":
            return _examine(settings)
        return _run(options, settings)
    except SettingsError as error:
        return _refuse(f"A setting cannot be used. {error}")
    except CannotListen as error:
        return _refuse(str(error), CANNOT_LISTEN)


def _examine(settings: Settings) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):  # without UTF-8 it knows no arrows
        sys.stdout.reconfigure(errors="replace")
    return asyncio.run(examine(settings, sys.stdout.write))


def _run(options: argparse.Namespace, settings: Settings) -> int:
    if options.faults and options.upstream == "live":
        return _refuse("--faults belong to the sandbox: add --upstream sandbox")
    upstream = options.upstream
    if upstream == "auto":
        upstream = "live" if asyncio.run(_network(settings)) else "sandbox"
    if upstream == "live" and options.faults:
        return _refuse("There is a network, so this is live data: --faults need --upstream sandbox")
    if upstream == "live":
        _serve(options, settings, "live", None)
        return 0
    from lib.sandbox import SandboxServer, parse_faults  # the service itself never imports it

    try:
        sandbox = SandboxServer(seed=options.seed, faults=parse_faults(options.faults or ""))
    except ValueError as error:
        return _refuse(str(error))
    with sandbox:
        root = f"http://127.0.0.1:{sandbox.port}"
        played = {name: f"{root}/{name}" for name in load_providers()}
        settings = settings.model_copy(update={"base_urls": played, "ws_urls": sandbox.ws_urls()})
        _serve(options, settings, "sandbox", sandbox)
    return 0


def build_app(
    settings: Settings,
    *,
    sandbox: bool = False,
    set_faults: Callable[[Mapping[str, str]], Mapping[str, str]] | None = None,
) -> tuple[App, Live]:
    """The whole service as one ASGI app, and its live half."""
    metrics = Metrics()
    tracing = _tracing(settings)
    observer = Several(metrics, tracing) if tracing else metrics
    runtime = build_runtime(settings, observer=observer, sandbox=sandbox)
    metrics.runtime = runtime
    runtime.wallets()  # a file that cannot be read is refused at the start
    runtime.ledger = choose_ledger(settings, runtime.clock, sandbox=sandbox)
    endpoints = load_endpoints()
    live = Live(runtime, load_channels(), endpoints)
    metrics.station = live.station

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        workers = ThreadPoolExecutor(settings.max_workers, thread_name_prefix="worker")
        asyncio.get_running_loop().set_default_executor(workers)
        await live.ready()
        if runtime.ledger:
            await runtime.ledger.open()
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(fetch_ahead(runtime)), tasks.create_task(live.run())]
            if runtime.ledger:
                running.append(tasks.create_task(score(runtime)))
                running.append(tasks.create_task(report(runtime, metrics)))
            if runtime.store:
                running.append(tasks.create_task(keep_limits_in_step(runtime)))
            yield
            for task in running:
                task.cancel()
        await runtime.aclose()
        if tracing:
            await asyncio.to_thread(tracing.close)

    app = create_app(
        endpoints,
        runtime,
        routes=live.routes,
        counted=metrics.counted,
        metrics=metrics.exposition,
        set_faults=set_faults,
        lifespan=lifespan,
    )
    return tracing.wrap(app) if tracing else app, live


def _tracing(settings: Settings) -> "Tracing | None":
    """What makes traces, if they are wanted.

    Raises:
        SettingsError: they are, and cannot be made.
    """
    if settings.otel_exporter_otlp_endpoint is None:
        return None
    from adapters.tracing import Tracing  # brings OpenTelemetry

    return Tracing(settings.otel_exporter_otlp_endpoint, VERSION)


async def _network(settings: Settings) -> bool:
    """Whether one of two keyless providers answers anything within 1.5 s."""
    kinds = load_providers()
    async with build_client() as client:

        async def answers(name: str) -> bool:
            base = settings.base_urls.get(name) or kinds[name].base_url
            try:
                await client.get(base.rstrip("/") + PROBES[name], timeout=PROBE_S)
            except (httpx.HTTPError, httpx.InvalidURL):
                return False
            return True

        for first in asyncio.as_completed([answers(name) for name in PROBES]):
            if await first:
                return True
    return False


def _serve(
    options: argparse.Namespace, settings: Settings, upstream: str, sandbox: "SandboxServer | None"
) -> None:
    def set_faults(wanted: Mapping[str, str]) -> Mapping[str, str]:
        assert sandbox  # noqa: S101 - only passed on with one
        sandbox.faults.set_all(wanted)
        return sandbox.faults.all()

    with port_taken(options.host, options.port) as sockets:
        app, live = build_app(
            settings, sandbox=sandbox is not None, set_faults=set_faults if sandbox else None
        )
        port = sockets[0].getsockname()[1]
        _log.info("server.starting", extra={"upstream": upstream, "port": port})
        if sandbox:
            _log.warning("server.sandbox", extra={"why": why_sandbox(options)})
        with suppress(OSError):  # a log on a full disk is no reason not to serve
            sys.stderr.write(banner(options, upstream, port))
        run_server(
            app,
            live.going_down,
            sockets=sockets,
            leaving=live.leaving,
            drain_s=settings.drain_s,
            loop="uvloop",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # X-Forwarded-For counts by TRUSTED_PROXIES alone
            ws_heartbeat_s=settings.ws_heartbeat_s,
            timeout_graceful_shutdown=FINISH_S,
        )


def _refuse(sentence: str, code: int = CANNOT_START) -> int:
    sys.stderr.write(f"{sentence}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
