"""The declaration of a function that no HTTP request reaches: sockets' events and the clock do."""

from dataclasses import dataclass
from typing import Any

from lib.endpoint import Bundle
from lib.feeds import Feed


@dataclass(frozen=True, slots=True)
class Trigger:
    """What calls a function of Lambda, and what it may do there. serverless.yml reads it.

    Attributes:
        routes: of the websocket API, `$connect`, `$disconnect` and `$default`.
        every_min: the clock calls it every so many minutes; 0 is never.
        feeds: what it may ask for.
        table: what it may do with the table of connections, as DynamoDB names its actions.
        methods: what it may do with connections themselves: `POST` to them, `DELETE` them.
    """

    routes: tuple[str, ...] = ()
    every_min: int = 0
    feeds: tuple[Feed[Any, Any], ...] = ()
    table: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    bundle: Bundle = "light"
    memory_mb: int = 512
    timeout_s: int = 10
