"""Behaviour of serverless.yml and of what writes it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from adapters.deploy.bundle import contents
from adapters.deploy.serverless import build_service, gateway_path, routes_of
from adapters.deploy.yaml_text import yaml_text
from lib.endpoint import Endpoint, Reply, Request
from lib.errors import NotFound
from lib.trigger import Trigger
from rehearsal.families import declared_yml, load_families, load_triggers

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def service() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "serverless.yml").read_text())
    return loaded


async def _nobody(request: Request, ctx: object) -> Reply:
    raise NotFound("never asked")


def _http_events(service: dict[str, Any]) -> list[Any]:
    events = [event for f in service["functions"].values() for event in f["events"]]
    return [event["httpApi"] for event in events if "httpApi" in event]


def _policy(service: dict[str, Any], role: str) -> dict[str, Any]:
    """What a role allows: resources by action."""
    [policy] = service["resources"]["Resources"][role]["Properties"]["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    return {action: s["Resource"] for s in statements for action in s["Action"]}


def _endpoint(path: str, method: Any = "GET", **options: Any) -> Endpoint:
    return Endpoint(method=method, path=path, request=Request, reply=Reply, call=_nobody, **options)


def test_the_committed_file_is_what_endpoints_and_triggers_declare() -> None:
    assert (ROOT / "serverless.yml").read_text() == declared_yml()


def test_every_handler_that_the_file_names_exists(service: dict[str, Any]) -> None:
    named = {function["handler"] for function in service["functions"].values()}

    files = {f"functions.{path.stem}.handler" for path in (ROOT / "functions").glob("[!_]*.py")}
    space_only = {"functions.admin.handler", "functions.metrics.handler"}
    assert named <= files
    assert space_only & named == set()


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
        "asked": (_endpoint("/api/mood"),),
        "told": (_endpoint("/api/mood", "POST"),),
    }

    assert routes_of("asked", families) == [("*", "/api/mood")]
    assert routes_of("told", families) == [("POST", "/api/mood")]


def test_what_lives_only_in_the_space_is_not_deployed() -> None:
    service = build_service({"admin": (_endpoint("/api/admin", host="space"),)}, {})

    assert service["functions"] == {}


def test_a_function_with_models_gets_both_layers_and_others_one() -> None:
    families = {
        "ai": (_endpoint("/api/ai", bundle="ai", timeout_s=10, memory_mb=1024),),
        "price": (_endpoint("/api/price"),),
    }

    functions: Any = build_service(families, {})["functions"]

    assert [ref["Ref"] for ref in functions["ai"]["layers"]] == [
        "LightLambdaLayer",
        "AiLambdaLayer",
    ]
    assert [ref["Ref"] for ref in functions["price"]["layers"]] == ["LightLambdaLayer"]
    assert (functions["ai"]["memorySize"], functions["ai"]["timeout"]) == (1024, 14)


def test_a_function_may_read_the_keys_of_its_own_sources_only(service: dict[str, Any]) -> None:
    def read(name: str) -> set[str]:
        resources = _policy(service, name)["ssm:GetParameters"]
        return {resource["Fn::Sub"].rsplit("/", 1)[1] for resource in resources}

    callers = {"API_KEYS", "UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"}
    assert read("TradesRole") == callers  # no source of trades takes a key
    assert read("PriceRole") == {*callers, "COINGECKO_API_KEY"}
    # the clock calls it: there is no caller whose key it could look at
    assert read("SocketPumpRole") == {*callers, "COINGECKO_API_KEY"} - {"API_KEYS"}


def test_no_policy_has_a_wildcard_but_its_own_logs_streams_and_connections(
    service: dict[str, Any],
) -> None:
    text = str(service["resources"]["Resources"])

    wild = re.findall(r"[^'\"\s]*\*[^'\"\s]*", text)
    allowed = (
        r":log-group:/aws/lambda/dreammaker-[^*]+:\*$",
        r":\$\{WebsocketsApi\}/\$\{sls:stage\}/(POST|DELETE)/@connections/\*$",
    )
    assert wild
    assert all(any(re.search(pattern, found) for pattern in allowed) for found in wild)


def test_only_functions_of_sockets_reach_connections_and_their_table(
    service: dict[str, Any],
) -> None:
    roles = [name for name in service["resources"]["Resources"] if name.endswith("Role")]
    reach = {
        role: sorted(a for a in _policy(service, role) if a.startswith(("dynamodb:", "execute-")))
        for role in roles
    }

    table = {"Fn::GetAtt": ["ConnectionsTable", "Arn"]}
    assert {role: actions for role, actions in reach.items() if actions} == {
        "SocketPumpRole": [
            "dynamodb:BatchWriteItem",
            "dynamodb:DeleteItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "execute-api:ManageConnections",
        ],
        "SocketRoutesRole": [
            "dynamodb:BatchWriteItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "execute-api:ManageConnections",
        ],
    }
    assert _policy(service, "SocketPumpRole")["dynamodb:Query"] == table
    assert _policy(service, "SocketRoutesRole")["dynamodb:GetItem"] == table


def test_every_trigger_has_its_events(service: dict[str, Any]) -> None:
    functions = service["functions"]
    events = {name: functions[name]["events"] for name in load_triggers()}

    assert events == {
        "ledger_scoring": [{"schedule": {"rate": ["rate(5 minutes)"]}}],
        "socket_pump": [{"schedule": {"rate": ["rate(1 minute)"]}}],
        "socket_routes": [
            {"websocket": {"route": route}} for route in ("$connect", "$disconnect", "$default")
        ],
    }


def test_the_clock_does_not_call_again_what_has_failed(service: dict[str, Any]) -> None:
    pump = service["functions"]["socket_pump"]

    assert (pump["maximumRetryAttempts"], pump["timeout"]) == (0, 59)


def test_dynamodb_deletes_the_rows_that_have_run_out(service: dict[str, Any]) -> None:
    table = service["resources"]["Resources"]["ConnectionsTable"]["Properties"]

    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_both_apis_are_throttled(service: dict[str, Any]) -> None:
    stages = service["resources"]["extensions"]

    limits = {
        "ThrottlingRateLimit": "${param:rate}",
        "ThrottlingBurstLimit": "${param:burst}",
    }
    assert {name: s["Properties"]["DefaultRouteSettings"] for name, s in stages.items()} == {
        "HttpApiStage": limits,
        "WebsocketsDeploymentStage": limits,
    }


def test_without_sockets_there_is_no_table(service: dict[str, Any]) -> None:
    made: Any = build_service({}, {"daily": Trigger(every_min=1440)})

    assert set(made["resources"]["Resources"]) == {"DailyRole"}
    assert "environment" not in made["functions"]["daily"]


def test_preflights_reach_the_functions(service: dict[str, Any]) -> None:
    # API Gateway's own CORS rules would answer them, by other rules than ours
    assert "cors" not in service["provider"]["httpApi"]


def test_a_light_zip_leaves_out_models_sandbox_and_numerics() -> None:
    light = {path.as_posix() for path in contents("price", "light")}

    assert {"functions/price.py", "lib/assets.csv", "adapters/asgi.py"} <= light
    assert not [p for p in light if p.startswith(("lib/sandbox", "lib/analysis", "lib/models"))]
    assert [p for p in light if p.startswith("functions/")] == [
        "functions/__init__.py",
        "functions/price.py",
    ] or "functions/market.py" not in light


def test_a_zip_of_sockets_brings_the_channels_that_they_carry() -> None:
    names = {
        path.name for path in contents("socket_pump", "light") if path.parent.name == "functions"
    }

    channels = {
        "live_any.py",
        "live_ohlcv.py",
        "live_orderbook.py",
        "live_ticker.py",
        "live_trades.py",
    }
    assert names == {"__init__.py", "socket_pump.py", *channels}


def test_an_ai_zip_brings_the_numerics() -> None:
    ai = {path.as_posix() for path in contents("price", "ai")}

    assert {p for p in ai if p.startswith("lib/analysis/")}


PLAIN = st.recursive(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")))
    | st.integers()
    | st.booleans(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc: #-'\"0.", min_size=1), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["a", "on", "1", "a b", "- x"]), PLAIN, min_size=1))
def test_the_text_reads_back_as_what_was_written(value: dict[str, Any]) -> None:
    assert yaml.safe_load(yaml_text(value)) == value
