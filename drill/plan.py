"""The drill, phase by phase."""

from typing import Final, NamedTuple

from drill import faults, health
from drill.faults import MANNERS, Fault
from drill.health import Says

RECOVERY_S: Final = 10.0
"""After a fault all must be well again within this time."""


class Phase(NamedTuple):
    """One fault.

    Attributes:
        seconds: how long it lasts.
        says: what /health of every server concerned must say before the fault ends.
        whose: the servers concerned, by name; others must say that they are well.
        healed: pauses that upstreams asked for are lifted as it ends, as an operator would:
            a refused country counts for an hour, an unstated wait for half a minute.
        dark: all upstreams fail at once, so that there may be nothing to serve.
        quick: part of the short drill.
    """

    name: str
    fault: Fault
    seconds: float
    says: Says | None = None
    whose: str = "ab"
    healed: bool = False
    dark: bool = False
    quick: bool = False


def upstream(manner: str) -> Phase:
    """Every upstream in one manner."""
    return Phase(
        f"upstreams: {manner}",
        faults.upstreams(manner),
        11,
        health.unwell,
        "abc",
        healed=manner in ("429", "429:7", "418", "451", "403"),
        dark=True,
    )


# fmt: off
PHASES: Final = (
    #     name                       fault                              s  /health says            of
    Phase("calm",                    faults.nothing,                    5, health.well,            "abc"),
    *(upstream(manner) for manner in MANNERS),
    Phase("upstreams: first venues", faults.first_venues,               9, health.source_down("binance"), "ab", dark=True),
    Phase("upstreams: all otherwise", faults.each_otherwise,            7, health.unwell,          "abc", dark=True, healed=True, quick=True),
    Phase("upstreams: gone",         faults.upstreams_gone,             9, health.unwell,          "abc", dark=True, quick=True),
    Phase("upstreams: frozen",       faults.upstreams_hang,             8, health.unwell,          "abc", dark=True),
    Phase("upstream: no such host",  faults.no_such_host,               5, health.source_down("binance"), "a"),
    Phase("redis: killed",           faults.redis_killed,               5, health.store_down,      "ab",  quick=True),
    Phase("redis: paused",           faults.redis_paused,               5, health.store_down,      "ab"),
    Phase("redis: flushed",          faults.redis_flushed,              4),
    Phase("redis: read-only",        faults.redis_read_only,            6, health.store_down,      "ab"),
    Phase("redis: out of memory",    faults.redis_full,                 6, health.store_down,      "ab"),
    Phase("postgresql: killed",      faults.postgres_killed,            5, health.ledger_down,     "ab",  quick=True),
    Phase("postgresql: restarted",   faults.postgres_restarted,         0),
    Phase("server: killed",          faults.server_killed,              3, quick=True),
    Phase("server: paused",          faults.server_paused,              6),
    Phase("clock: an hour on",       faults.clocks(1),                  5, quick=True),
    Phase("clock: an hour back",     faults.clocks(-1),                 7),
    Phase("clock: one server's",     faults.clocks(1, both=False),      6),
    Phase("disk: full",              faults.disk_full,                  4, health.ledger_down,     "c",   quick=True),
    Phase("descriptors: exhausted",  faults.no_descriptors,             5),
)
# fmt: on
