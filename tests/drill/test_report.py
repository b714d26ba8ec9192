"""What the drill reports: counts that add up, and an exit that tells."""

import json
from collections import Counter
from pathlib import Path

from drill.plan import PHASES
from drill.record import Record
from drill.report import page, save, total

CALM = Record("calm", answers=Counter({200: 90}), stale=9, recovery_s=1.0)
DARK = Record("dark", answers=Counter({200: 5, 503: 4, 0: 1}), recovery_s=6.5)


def test_what_no_server_answered_is_not_available() -> None:
    assert (CALM.available, DARK.available) == (100.0, 50.0)


def test_all_phases_add_up() -> None:
    whole = total([CALM, DARK])

    assert (whole.requests, whole.stale, whole.available) == (100, 9, 95.0)
    assert whole.recovery_s == 6.5


def test_a_violation_of_one_phase_is_one_of_the_whole() -> None:
    bad = Record("bad")
    bad.violate("no lost ledger row", "one")

    assert total([CALM, bad]).violations == {"no lost ledger row": 1}


def test_the_page_has_a_row_for_each_phase_and_one_for_all() -> None:
    rows = [line for line in page([CALM, DARK], 50).splitlines() if line.startswith("| ")]

    assert [row.split(" | ")[0] for row in rows] == ["| phase", "| calm", "| dark", "| all"]


def test_results_are_kept_as_json(tmp_path: Path) -> None:
    kept = json.loads(save([CALM], tmp_path, 50, quick=True).read_text())

    assert kept["phases"][0]["answers"] == {"200": 90}
    assert kept["all"]["available_percent"] == 100.0


def test_every_phase_has_a_name_of_its_own_and_the_short_drill_is_short() -> None:
    names = [phase.name for phase in PHASES]

    assert len(set(names)) == len(names)
    assert sum(phase.seconds for phase in PHASES if phase.quick) < 45
