"""serverless.yml is what endpoints and triggers declare: functions, layers, triggers, tables."""

from typing import Any

from adapters.deploy.serverless import build_service
from lib.trigger import Trigger
from rehearsal.families import declared_yml, load_triggers
from tests.adapters.deploy.declared import ROOT, declare


def test_the_committed_file_is_what_endpoints_and_triggers_declare() -> None:
    assert (ROOT / "serverless.yml").read_text() == declared_yml()


def test_every_handler_that_the_file_names_exists(service: dict[str, Any]) -> None:
    named = {function["handler"] for function in service["functions"].values()}

    files = {f"functions.{path.stem}.handler" for path in (ROOT / "functions").glob("[!_]*.py")}
    space_only = {"functions.admin.handler", "functions.metrics.handler"}
    assert named <= files
    assert space_only & named == set()


def test_what_lives_only_in_the_space_is_not_deployed() -> None:
    service = build_service({"admin": (declare("/api/admin", host="space"),)}, {})

    assert service["functions"] == {}


def test_a_function_with_models_gets_both_layers_and_others_one() -> None:
    families = {
        "ai": (declare("/api/ai", bundle="ai", timeout_s=10, memory_mb=1024),),
        "price": (declare("/api/price"),),
    }

    functions: Any = build_service(families, {})["functions"]

    assert [ref["Ref"] for ref in functions["ai"]["layers"]] == [
        "LightLambdaLayer",
        "AiLambdaLayer",
    ]
    assert [ref["Ref"] for ref in functions["price"]["layers"]] == ["LightLambdaLayer"]
    assert (functions["ai"]["memorySize"], functions["ai"]["timeout"]) == (1024, 14)


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

    assert "ConnectionsTable" not in made["resources"]["Resources"]
    assert "environment" not in made["functions"]["daily"]
