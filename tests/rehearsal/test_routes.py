"""Behaviour of the template's routes as the rehearsal reads them."""

from typing import Any

import pytest

from lib.endpoint import Endpoint, Reply, Request
from lib.errors import NotFound
from lib.trigger import Trigger
from rehearsal.routes import RouteTable, compare_sockets
from rehearsal.tools import Failed


def template(**routes: str) -> dict[str, Any]:
    """A CloudFormation template of these functions, each behind its route key: of the websocket
    API for names that begin with `socket`."""
    resources: dict[str, Any] = {}
    for name, key in routes.items():
        resources[f"{name}Fn"] = {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Handler": f"functions.{name}.handler"},
        }
        resources[f"{name}Integration"] = {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {"IntegrationUri": {"Fn::GetAtt": [f"{name}Fn", "Arn"]}},
        }
        target = {"Fn::Join": ["/", ["integrations", {"Ref": f"{name}Integration"}]]}
        resources[f"{name}Route"] = {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "WebsocketsApi" if name.startswith("socket") else "HttpApi"},
                "RouteKey": key,
                "Target": target,
            },
        }
    return {"Resources": resources}


async def _nobody(request: Request, ctx: object) -> Reply:
    raise NotFound("never asked")


def endpoint(path: str, **options: Any) -> Endpoint:
    return Endpoint(method="GET", path=path, request=Request, reply=Reply, call=_nobody, **options)


TABLE = RouteTable(
    template(
        multi="ANY /api/ohlcv/multi",
        ohlcv="ANY /api/ohlcv/{symbol+}",
        mood="ANY /api/mood",
        told="POST /api/mood",
        page="ANY /api/page/{number}",
        not_found="$default",
    )
)


@pytest.mark.parametrize(
    ("method", "path", "function"),
    [
        ("GET", "/api/ohlcv/multi", "multi"),
        ("GET", "/api/ohlcv/BTC", "ohlcv"),
        ("HEAD", "/api/ohlcv/BTC/USDT", "ohlcv"),
        ("GET", "/api/mood", "mood"),
        ("POST", "/api/mood", "told"),
        ("OPTIONS", "/api/mood", "mood"),
        ("GET", "/api/page/7", "page"),
        ("GET", "/api/page/7/8", "not_found"),
        ("GET", "/api/ohlcv/", "not_found"),
        ("GET", "/", "not_found"),
    ],
)
def test_a_request_meets_the_route_that_api_gateway_would_choose(
    method: str, path: str, function: str
) -> None:
    assert TABLE.meet(method, path).function == function


def test_equal_routes_pass() -> None:
    table = RouteTable(template(price="ANY /api/price/{symbol+}", not_found="$default"))

    table.compare([endpoint("/api/price/{symbol:path}"), endpoint("/metrics", host="space")])


@pytest.mark.parametrize(
    "routes",
    [
        {"price": "ANY /api/price/{symbol}", "not_found": "$default"},
        {"price": "ANY /api/price/{symbol+}"},
        {"not_found": "$default"},
        {
            "price": "ANY /api/price/{symbol+}",
            "other": "ANY /api/other",
            "not_found": "$default",
        },
    ],
)
def test_another_set_of_routes_fails(routes: dict[str, str]) -> None:
    with pytest.raises(Failed, match="routes are not the local router's"):
        RouteTable(template(**routes)).compare([endpoint("/api/price/{symbol:path}")])


def test_routes_of_sockets_are_those_that_are_declared() -> None:
    made = template(price="ANY /api/price", socket_routes="$default")

    compare_sockets(made, {"socket_routes": Trigger(routes=("$default",))})
    assert RouteTable(made).keys == {"ANY /api/price"}


@pytest.mark.parametrize(
    "triggers",
    [
        {},
        {"socket_routes": Trigger(routes=("$connect",))},
        {"socket_other": Trigger(routes=("$default",))},
    ],
)
def test_a_route_of_sockets_that_is_not_declared_so_is_a_failure(
    triggers: dict[str, Trigger],
) -> None:
    with pytest.raises(Failed, match="websocket routes"):
        compare_sockets(template(socket_routes="$default"), triggers)
