"""Live data on Lambda, wired: the handlers of the websocket API's routes and of the pump."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from adapters.aws.function import (
    Answer,
    Event,
    EventHandler,
    Handle,
    build_function_runtime,
    left_s,
)
from lib.endpoint import Channel
from lib.trigger import Trigger

if TYPE_CHECKING:
    from adapters.aws.connections import Connections
    from adapters.aws.posting import Postbox
    from lib.runtime import Runtime

LoadChannels = Callable[[], Sequence[Channel]]


def socket_handler(trigger: Trigger, channels: LoadChannels) -> EventHandler:
    """The handler of `$connect`, `$disconnect` and `$default`."""

    def build() -> Handle:
        from adapters.aws.websocket import Sockets

        # a composition root of Lambda: what `Settings.load()` reads by itself has secrets joined
        runtime = build_function_runtime(trigger, os.environ)
        return Sockets(runtime, channels(), *open_gateway(runtime, os.environ))

    return EventHandler(build)


def pump_handler(trigger: Trigger, channels: LoadChannels) -> EventHandler:
    """The handler of the pump."""

    def build() -> Handle:
        from adapters.aws.pump import Pump

        runtime = build_function_runtime(trigger, os.environ)
        pump = Pump(runtime, channels(), *open_gateway(runtime, os.environ))

        async def handle(_event: Event, context: Any) -> Answer:
            return await pump.run(lambda: left_s(context))

        return handle

    return EventHandler(build)


def open_gateway(runtime: "Runtime", environ: Mapping[str, str]) -> "tuple[Connections, Postbox]":
    """The table of connections, and the way to write to them.

    Raises:
        SettingsError: serverless.yml sets both addresses, but one is missing.
    """
    from adapters.aws.calls import AwsCalls
    from adapters.aws.connections import Connections
    from adapters.aws.dynamodb import Table
    from adapters.aws.posting import Postbox
    from lib.settings import SettingsError

    table, endpoint = runtime.settings.ws_table, runtime.settings.ws_endpoint
    if table is None or endpoint is None:
        raise SettingsError("WS_TABLE and WS_ENDPOINT: sockets on Lambda need both")
    calls = AwsCalls(runtime.client, environ, runtime.clock)
    return Connections(Table(calls, table), runtime.clock), Postbox(calls, endpoint)
