"""What operators are given: rules and a dashboard over metrics that a running service has."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.live import Service, live_service

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "ops" / "prometheus" / "alerts.yml"
DASHBOARD = ROOT / "ops" / "grafana" / "dashboard.json"
RUNBOOK = (ROOT / "docs" / "operations.md").read_text()

NOT_METRICS = frozenset(
    "sum by rate increase histogram_quantile min_over_time absent changes and on unless topk time "
    "label_values instance".split()
)
OF_PROMETHEUS = {"instance", "le"}
"""Labels that a scrape or a histogram adds."""


@pytest.fixture(scope="module")
def exported() -> Iterator[dict[str, set[str]]]:
    """The labels of every sample by its name, after a little of everything was asked."""
    with live_service() as service:
        yield scraped(service)


def scraped(service: Service) -> dict[str, set[str]]:
    with httpx.Client(base_url=service.root, headers=service.key, timeout=20) as client:
        for path in ("/api/price/BTC/consensus", "/api/market?limit=5", "/nowhere"):
            client.get(path)
        client.post("/api/ai/predict", json={"symbol": "BTC", "timeframe": "1h"})
        text = client.get("/metrics").text
    names: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        endings = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
        for ending in endings.get(family.type, [""]):
            names.setdefault(family.name + ending, set())
        for sample in family.samples:
            names.setdefault(sample.name, set()).update(sample.labels)
    return names


def rules() -> list[Any]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[Any]:
    return [one for one in json.loads(DASHBOARD.read_text())["panels"] if one["type"] != "row"]


def expressions() -> list[str]:
    dashboard = json.loads(DASHBOARD.read_text())
    asked = [target["expr"] for panel in panels() for target in panel["targets"]]
    chosen = [v["query"]["query"] for v in dashboard["templating"]["list"] if v["type"] == "query"]
    marks = [one["expr"] for one in dashboard["annotations"]["list"]]
    return [rule["expr"] for rule in rules()] + asked + chosen + marks


def named(expression: str) -> set[str]:
    """The metrics in an expression: its words without functions, labels and texts."""
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\b(by|on)\s*\([^)]*\)", " ", expression)
    return set(re.findall(r"[a-z_][a-z0-9_]{2,}", bare)) - NOT_METRICS


@pytest.mark.parametrize("expression", expressions())
def test_every_metric_of_rules_and_dashboard_is_exported(
    expression: str, exported: dict[str, set[str]]
) -> None:
    assert named(expression)
    assert named(expression) <= set(exported)


def test_every_label_of_rules_and_dashboard_is_exported(exported: dict[str, set[str]]) -> None:
    unknown = {
        (metric, label)
        for expression in expressions()
        for metric, chosen in re.findall(r"([a-z_]+)\{([^}]*)\}", expression)
        for label in re.findall(r"(\w+)\s*[=!]~?", chosen)
        if exported[metric] and label not in exported[metric] | OF_PROMETHEUS
    }

    assert unknown == set()


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_every_alert_says_how_bad_it_is_and_what_to_do(rule: Any) -> None:
    page, _, anchor = rule["annotations"]["runbook"].partition("#")

    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"]
    assert page == "docs/operations.md"
    assert f"\n### {rule['alert']}\n" in RUNBOOK
    assert anchor == rule["alert"].lower()


def test_panels_of_the_dashboard_do_not_overlap() -> None:
    spots: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        at = panel["gridPos"]
        mine = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not mine & spots, panel["title"]
        assert at["x"] + at["w"] <= 24
        spots |= mine


def test_every_metric_is_explained(exported: dict[str, set[str]]) -> None:
    own = {name for name in exported if not name.startswith("process_")}
    plain = {re.sub(r"_(bucket|sum|count|created)$", "", name) for name in own}

    assert {name for name in plain if f"`{name}" not in RUNBOOK} == set()


def test_every_metric_of_the_contract_is_there(exported: dict[str, set[str]]) -> None:
    assert exported["http_requests_total"] == {"endpoint", "status", "cache"}
    assert exported["upstream_requests_total"] == {"source", "outcome"}
    assert {"upstream_seconds_bucket", "breaker_state", "quota_left", "ws_connections"} <= set(
        exported
    )
    assert "ws_dropped_total" in exported
