"""What all live connections of a process share: the hub, who may connect, and how many."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from adapters.answers import Answers
from adapters.repeats import Repeats
from adapters.visit import Reception
from lib.endpoint import Channel, Endpoint
from lib.live.admission import Admission
from lib.live.hub import Hub
from lib.runtime import Runtime


class Tenant(Protocol):
    """A live connection."""

    def check(self, now: float) -> None:
        """Look whether the other side is still there; monotonic seconds of the loop."""

    def going_down(self) -> None:
        """The server ends."""


@dataclass
class Station:
    """Where live connections meet.

    Attributes:
        ended: is set when the server goes down.
    """

    runtime: Runtime
    hub: Hub
    reception: Reception
    admission: Admission
    answers: Answers
    repeats: Repeats
    tenants: dict[Tenant, None] = field(default_factory=dict)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    dropped: int = 0
    counted: Callable[[str, int, str], None] = lambda _name, _status, _cache: None

    @property
    def full(self) -> bool:
        """Whether nobody else may connect."""
        return len(self.tenants) >= self.runtime.settings.ws_max_connections

    async def watch_over(self) -> None:
        """Look after every connection now and then."""
        idle_s = self.runtime.settings.ws_idle_s
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(2.0, idle_s / 4))
            now = loop.time()
            for count, tenant in enumerate(list(self.tenants), 1):
                tenant.check(now)
                if count % 1000 == 0:
                    await asyncio.sleep(0)

    def going_down(self) -> None:
        """Tell every connection that the server ends."""
        self.ended.set()
        for tenant in list(self.tenants):
            tenant.going_down()


def build_station(
    runtime: Runtime, channels: Sequence[Channel], endpoints: Sequence[Endpoint]
) -> Station:
    """Wire what live connections share."""
    hub = Hub(channels, runtime.clock)
    answers = Answers(endpoints, runtime)
    return Station(
        runtime=runtime,
        hub=hub,
        reception=Reception(runtime),
        admission=Admission(runtime.highway, runtime.limiter),
        answers=answers,
        repeats=Repeats(answers, runtime.clock),
    )
