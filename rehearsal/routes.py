"""The template's routes: are they those declared, and which function does a request meet?"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from adapters.deploy.serverless import gateway_path
from lib.endpoint import Endpoint
from lib.trigger import Trigger
from rehearsal.tools import Failed

ANY = "ANY"


class Met(NamedTuple):
    """The route that a request meets and the function behind it."""

    key: str
    function: str


class RouteTable:
    """An HTTP API's routes as API Gateway chooses among them: full paths before greedy ones, a
    stated method before ANY, `$default` last.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
    """

    def __init__(self, template: Mapping[str, Any]) -> None:
        self._functions = dict(_routes(template, "HttpApi"))

    @property
    def keys(self) -> set[str]:
        """Every route's key: `ANY /api/price/{symbol+}`."""
        return set(self._functions)

    def meet(self, method: str, path: str) -> Met:
        """Which route a request takes."""
        fitting = [key for key in self._functions if _fits(key, method, path)]
        key = max(fitting, key=_rank, default="$default")
        return Met(key, self._functions[key])

    def compare(self, endpoints: Sequence[Endpoint]) -> None:
        """Hold the routes against the local router's.

        Raises:
            Failed: a path is missing, or is there without being declared.
        """
        local = {gateway_path(e.path) for e in endpoints if e.host == "any"}
        routed = {key.split(" ", 1)[1] for key in self.keys if key != "$default"}
        if local != routed or "$default" not in self.keys:
            raise Failed(
                f"The template's routes are not the local router's. Only in the template: "
                f"{sorted(routed - local)}; only in the router: {sorted(local - routed)}; "
                f"$default is {'there' if '$default' in self.keys else 'missing'}"
            )


def compare_sockets(template: Mapping[str, Any], triggers: Mapping[str, Trigger]) -> None:
    """Hold the websocket API's routes against those that triggers declare.

    Raises:
        Failed: a route is missing, leads elsewhere, or is there without being declared.
    """
    declared = {route: name for name, trigger in triggers.items() for route in trigger.routes}
    routed = dict(_routes(template, "WebsocketsApi"))
    if routed != declared:
        raise Failed(
            f"The template's websocket routes lead to {routed}, and should lead to {declared}"
        )


def _routes(template: Mapping[str, Any], api: str) -> Iterator[tuple[str, str]]:
    """Each route's key and the function behind it."""
    resources: Mapping[str, Any] = template["Resources"]
    for resource in resources.values():
        properties = resource.get("Properties", {})
        if resource["Type"] != "AWS::ApiGatewayV2::Route" or properties["ApiId"] != {"Ref": api}:
            continue
        target = properties["Target"]["Fn::Join"][1][-1]["Ref"]
        function = resources[_integrated(resources[target]["Properties"]["IntegrationUri"])]
        yield properties["RouteKey"], function["Properties"]["Handler"].split(".")[1]


def _integrated(uri: Any) -> str:
    """The logical id of the function that an integration's address names."""
    if "Fn::Join" in uri:
        return next(
            _integrated(p) for p in uri["Fn::Join"][1] if isinstance(p, dict) and "Fn::GetAtt" in p
        )
    return _function_id(uri)


def _function_id(uri: Mapping[str, Any]) -> str:
    logical: str = uri["Fn::GetAtt"][0] if "Fn::GetAtt" in uri else uri["Ref"]
    return logical


def _fits(key: str, method: str, path: str) -> bool:
    if key == "$default":
        return False
    stated, _, pattern = key.partition(" ")
    pieces = re.split(r"(\{\w+\+?\})", pattern)
    wanted = "".join(
        (".+" if piece.endswith("+}") else "[^/]+") if piece.startswith("{") else re.escape(piece)
        for piece in pieces
    )
    return stated in (method, ANY) and re.fullmatch(wanted, path) is not None


def _rank(key: str) -> tuple[bool, bool, int, bool]:
    stated, _, pattern = key.partition(" ")
    return "+}" not in pattern, "{" not in pattern, len(pattern), stated != ANY
