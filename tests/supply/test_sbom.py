"""The bills of materials: complete, valid, the same each time; and locks that pin by hash."""

import json
from pathlib import Path

import pytest

from supply.locks import RUNNING, WORKING, has_hashes, lock, normal, pinned
from supply.sbom import BILLS, write_bills


def test_a_bill_lists_what_its_lock_pins_with_hashes_and_is_valid(tmp_path: Path) -> None:
    write_bills(tmp_path, ["lambda"], npm=False)  # raises if its schema does not admit it

    bill = json.loads((tmp_path / "lambda.json").read_text())
    listed = {normal(one["name"]): one["version"] for one in bill["components"]}
    hashed = [one for one in bill["components"] if one["externalReferences"][0]["hashes"]]
    assert bill["bomFormat"] == "CycloneDX"
    assert listed == pinned("light")
    assert len(hashed) == len(listed) > 10


def test_every_lock_of_what_runs_has_a_bill() -> None:
    same = {"ai-python3.11": "ai"}  # the same packages, files for another Python

    assert {same.get(name, name) for name in RUNNING} <= set(BILLS.values())


@pytest.mark.parametrize("name", [n for n in (*RUNNING, *WORKING) if lock(n).exists()])
def test_every_lock_pins_by_hash(name: str) -> None:
    assert has_hashes(name)
