"""The rules fire in the outages that they describe, by Prometheus' own judgement."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

RULES = Path(__file__).resolve().parents[2] / "ops" / "prometheus"
PROMTOOL = shutil.which("promtool")


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian: prometheus)")
def test_rules_fire_in_their_outages_and_rest_else() -> None:
    told = subprocess.run(
        [str(PROMTOOL), "test", "rules", "alerts_test.yml"],
        cwd=RULES, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert told.returncode == 0, told.stdout + told.stderr


def test_every_rule_that_wakes_somebody_is_rehearsed() -> None:
    groups = yaml.safe_load((RULES / "alerts.yml").read_text())["groups"]
    pages = {
        rule["alert"]
        for group in groups
        for rule in group["rules"]
        if rule["labels"]["severity"] == "page"
    }
    outages = yaml.safe_load((RULES / "alerts_test.yml").read_text())["tests"]
    rehearsed = {
        asked["alertname"]
        for outage in outages
        for asked in outage["alert_rule_test"]
        if asked["exp_alerts"]
    }

    assert pages - rehearsed == set()
