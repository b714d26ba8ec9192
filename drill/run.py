"""Runs the phases one after another under one steady load."""

import asyncio
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from drill import health
from drill.asks import Ask, choose, forecast
from drill.ground import SEED, Ground, ground
from drill.listeners import Listener, watch
from drill.load import Load
from drill.plan import RECOVERY_S, Phase
from drill.promises import Promises, in_postgres, in_sqlite
from drill.record import Log, Record
from drill.recovery import Recovery
from drill.truth import SYMBOLS, Truth
from drill.witness import Witness

ALONE_SHARE: Final = 0.1
RECORDED_SHARE: Final = 0.5
SOCKETS: Final = 20
STREAMS: Final = 10
CHANNELS: Final = ("ticker", "trades", "orderbook", "ohlcv")
PULSE_S: Final = 0.1
SETTLE_S: Final = 5.0
WARM_UP_S: Final = 90.0
PATIENCE_S: Final = 2 * RECOVERY_S
"""How long the drill itself waits before it goes on with what is still broken."""


class Drill:
    """One run over one ground."""

    def __init__(self, stands: Ground, per_s: float, tell: Callable[[Record], None]) -> None:
        self._ground = stands
        self._tell = tell
        self._log = Log()
        truth = Truth(SEED)
        self._shared = Promises(in_postgres(stands.postgres.url))
        self._own = Promises(in_sqlite(stands.ledger))
        alone_per_s = per_s * ALONE_SHARE
        self._loads = (
            Load(stands.pair, truth, self._log, self._shared, per_s - alone_per_s),
            Load((stands.alone,), truth, self._log, self._own, alone_per_s, often_recorded),
        )
        self._sockets = self._listeners("socket", SOCKETS, truth)
        self._streams = self._listeners("stream", STREAMS, truth)

    async def run(self, phases: Sequence[Phase]) -> list[Record]:
        """Every phase's record."""
        await self._warm_up([])
        tasks = [asyncio.create_task(load.run()) for load in self._loads]
        tasks += [asyncio.create_task(one.sockets()) for one in self._sockets]
        tasks += [asyncio.create_task(one.events()) for one in self._streams]
        tasks.append(asyncio.create_task(watch([*self._sockets, *self._streams])))
        tasks.append(asyncio.create_task(self._feel_pulse()))
        try:
            await self._warm_up([*self._sockets, *self._streams])
            await self._ground.heal_sources()  # a cold start on a busy machine is no fault
            await asyncio.sleep(SETTLE_S)
            for phase in phases:
                await self._phase(phase)
                if broken := [task for task in tasks if task.done()]:
                    await broken[0]  # a bug of the drill's own
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return self._log.records[1:]

    async def _feel_pulse(self) -> None:
        while True:
            due = time.monotonic() + PULSE_S
            await asyncio.sleep(PULSE_S)
            late_ms = round((time.monotonic() - due) * 1000)
            self._log.now.late_ms = max(self._log.now.late_ms, late_ms)

    async def _warm_up(self, listeners: Sequence[Listener]) -> None:
        """All must be well before the first fault, first without a load and then under it."""
        took, missing = await Recovery(self._ground.servers, listeners).wait(WARM_UP_S)
        if took is None:
            raise RuntimeError(f"the drill cannot begin: {missing}")

    async def _phase(self, phase: Phase) -> None:
        record = self._log.turn(phase.name, dark=phase.dark)
        stands = self._ground
        fault = asyncio.create_task(phase.fault(stands, phase.seconds))
        if phase.says:
            whose = [server for server in stands.servers if server.name in phase.whose]
            telling = asyncio.create_task(health.told_s(whose, phase.says, 600))
            await asyncio.wait({fault, telling}, return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                record.health_s = telling.result()
            else:
                record.violate("health tells", "not before the fault was over")
                telling.cancel()
        await fault
        await self._recover(phase, record)
        await self._look_up(record)
        if phase.dark:
            await stands.heal_sources()
        self._tell(record)

    async def _recover(self, phase: Phase, record: Record) -> None:
        if phase.healed:
            await self._ground.heal_sources()
        listeners = [*self._sockets, *self._streams]
        took, missing = await Recovery(self._ground.servers, listeners).wait(PATIENCE_S)
        record.recovery_s = took
        if took is None or took > RECOVERY_S:
            after = f"{took:.1f} s" if took else f"not in {PATIENCE_S:.0f} s"
            record.violate("recovery in 10 s", f"{after}; missing last: {missing}")

    async def _look_up(self, record: Record) -> None:
        """What was answered under an id must be in the ledger, a few seconds later at most."""
        give_up = time.monotonic() + RECOVERY_S
        for promises in (self._shared, self._own):
            lost = [""]
            while lost and time.monotonic() < give_up:
                found, lost = await asyncio.to_thread(promises.keep)
                record.rows += found
                await asyncio.sleep(0.5 if lost else 0)
            for name in lost:
                record.violate("no lost ledger row", name)
            promises.forget()

    def _listeners(self, kind: str, count: int, truth: Truth) -> list[Listener]:
        made = []
        for at in range(count):
            channel = CHANNELS[at % len(CHANNELS)]
            symbols = (SYMBOLS[at % len(SYMBOLS)], SYMBOLS[(at + 3) % len(SYMBOLS)])
            witness = Witness(f"{kind} {at}", channel, symbols, truth, self._log)
            made.append(Listener(witness, self._ground.pair, at // len(CHANNELS)))
        return made


def often_recorded(rng: Random) -> Ask:
    """The mix, with more of what the ledger records."""
    return forecast(rng) if rng.random() < RECORDED_SHARE else choose(rng)


async def drill(
    phases: Sequence[Phase], per_s: float, tell: Callable[[Record], None]
) -> list[Record]:
    """Start everything, run the phases, end everything."""
    async with ground() as stands:
        return await Drill(stands, per_s, tell).run(phases)
