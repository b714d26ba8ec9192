"""The sandbox on a port of its own: uvicorn in a thread, on loopback only."""

import asyncio
import socket
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

import uvicorn

from lib.sandbox.app import PROVIDERS, STREAMED, create_sandbox
from lib.sandbox.faults import Faults


class SandboxServer:
    """Runs the sandbox between `start()` and `stop()`, or in a `with` block."""

    def __init__(
        self,
        seed: int = 1,
        clock: Callable[[], int] | None = None,
        faults: Mapping[str, str] | None = None,
        port: int = 0,
    ) -> None:
        self.app = create_sandbox(seed, clock, faults)
        # asyncio turns Nagle's delay off only where the protocol is named
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            self.app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            date_header=False,  # the app writes it, by its own clock
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)

    @property
    def faults(self) -> Faults:
        """Which provider has which fault: may be changed while it runs."""
        faults: Faults = self.app.state.faults
        return faults

    def start(self) -> Self:
        """Listen. Requests that come before the loop runs wait in the socket's queue."""
        self._socket.listen(128)
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the thread and close the port."""
        self._server.should_exit = True
        self._thread.join(timeout=5)
        self._socket.close()

    def base_urls(self) -> dict[str, str]:
        """The settings that point every provider here: `BINANCE_BASE_URL` and so on."""
        root = f"http://127.0.0.1:{self.port}"
        return {f"{name.upper()}_BASE_URL": f"{root}/{name}" for name in PROVIDERS}

    def ws_urls(self) -> dict[str, str]:
        """Where the streams are, by provider."""
        return {name: f"ws://127.0.0.1:{self.port}/{name}" for name in STREAMED}

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
