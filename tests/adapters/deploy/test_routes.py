"""The routes of serverless.yml are those of the local router."""

from typing import Any

import pytest

from adapters.deploy.serverless import gateway_path, routes_of
from rehearsal.families import load_families
from tests.adapters.deploy.declared import declare


def _http_events(service: dict[str, Any]) -> list[Any]:
    events = [event for f in service["functions"].values() for event in f["events"]]
    return [event["httpApi"] for event in events if "httpApi" in event]


def test_its_routes_are_the_local_routers_and_one_for_all_other_paths(
    service: dict[str, Any],
) -> None:
    events = _http_events(service)

    declared = {
        gateway_path(endpoint.path)
        for endpoints in load_families().values()
        for endpoint in endpoints
        if endpoint.host == "any"
    }
    assert {e["path"] for e in events if e != "*"} == declared
    assert events.count("*") == 1


def test_no_route_is_declared_twice(service: dict[str, Any]) -> None:
    events = _http_events(service)

    keys = [(e["method"], e["path"]) for e in events if e != "*"]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("router", "gateway"),
    [
        ("/api/price/{symbol:path}", "/api/price/{symbol+}"),
        ("/api/price/{symbol}", "/api/price/{symbol}"),
        ("/api/page/{number:int}/x", "/api/page/{number}/x"),
        ("/api/price/{symbol:path}/more", "/api/price/{symbol+}"),
        ("/health", "/health"),
    ],
)
def test_a_catch_all_segment_is_greedy(router: str, gateway: str) -> None:
    assert gateway_path(router) == gateway


def test_files_that_share_a_path_share_its_methods() -> None:
    families = {
        "asked": (declare("/api/mood"),),
        "told": (declare("/api/mood", "POST"),),
    }

    assert routes_of("asked", families) == [("*", "/api/mood")]
    assert routes_of("told", families) == [("POST", "/api/mood")]


def test_preflights_reach_the_functions(service: dict[str, Any]) -> None:
    # API Gateway's own CORS rules would answer them, by other rules than ours
    assert "cors" not in service["provider"]["httpApi"]
