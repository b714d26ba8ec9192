"""A steady load over two servers, as a balancer would spread it: whoever does not answer is left
alone for a moment, and the request goes to the other."""

import asyncio
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

import httpx

from drill.asks import Ask, choose
from drill.processes import Server
from drill.promises import Promises
from drill.record import Log
from drill.rules import Rules
from drill.truth import Truth

PATIENCE_S: Final = 4.0
ILL_S: Final = 2.0


class Load:
    """Asks `per_s` requests a second, in an even pace, whether or not answers come."""

    def __init__(
        self,
        servers: Sequence[Server],
        truth: Truth,
        log: Log,
        promises: Promises,
        per_s: float,
        choosing: Callable[[Random], Ask] = choose,
    ) -> None:
        self._servers = servers
        self._rules = Rules(truth, log)
        self._log = log
        self._promises = promises
        self._pause_s = 1 / per_s
        self._choose = choosing
        self._rng = Random(1)
        self._turn = 0

    async def run(self) -> None:
        """Ask until cancelled."""
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=20)
        async with (
            httpx.AsyncClient(timeout=PATIENCE_S, limits=limits, trust_env=False) as client,
            asyncio.TaskGroup() as asking,
        ):
            due = time.monotonic()
            while True:
                asking.create_task(self._ask(client, self._choose(self._rng)))
                due = max(due + self._pause_s, time.monotonic() - 1)
                await asyncio.sleep(due - time.monotonic())

    async def _ask(self, client: httpx.AsyncClient, ask: Ask) -> None:
        record = self._log.now
        began = time.monotonic()
        for attempt, server in enumerate(self._order()):
            try:
                reply = await client.request(
                    "POST" if ask.body else "GET", server.root + ask.path, json=ask.body
                )
            except httpx.TransportError:
                server.ill_until = time.monotonic() + ILL_S
                continue
            record.moved += attempt
            record.answers[reply.status_code] += 1
            record.stale += reply.headers.get("x-cache") == "stale"
            record.longest_ms = max(record.longest_ms, round((time.monotonic() - began) * 1000))
            self._rules.judge(ask, reply, record, server.now_ms())
            if reply.status_code == 200:
                self._promises.note(ask, reply.json())
            return
        record.answers[0] += 1

    def _order(self) -> list[Server]:
        """Both, beginning with each in turn; whoever was ill just now comes last."""
        self._turn += 1
        at = self._turn % len(self._servers)
        order = [*self._servers[at:], *self._servers[:at]]
        now = time.monotonic()
        return sorted(order, key=lambda server: server.ill_until > now)
