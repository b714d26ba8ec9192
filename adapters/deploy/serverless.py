"""serverless.yml, written from the declarations of endpoints and triggers by `make serverless`.

One function a file of `functions/`. Each has its own memory, timeout and layers, and a role that
may write its own log and read the keys of its own sources; what serves sockets may also do with
their table and their API what it declares. A path's one route takes every method, so that HEAD,
preflights and refusals (405) come from the same code as in the Space.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from adapters.aws.secrets import secret_names, trigger_secrets
from adapters.deploy.alarms import CONDITIONS, alarms
from adapters.deploy.serverless_parts import (
    ENDPOINTS,
    HTTP_STAGE,
    OFFLINE,
    PROVIDER,
    SERVICE,
    TABLE,
    TABLE_ID,
    TABLE_NAME,
    WEBSOCKET_STAGE,
    role,
)
from adapters.deploy.yaml_text import Plain, yaml_text
from lib.endpoint import Endpoint
from lib.trigger import Trigger

HEAD: Final = (
    "# Written by `make serverless` from the endpoints' declarations: edit those instead.\n"
)

CATCH_ALL: Final = "not_found"

GRACE_S: Final = 4
"""Beyond an endpoint's own deadline, which answers 504 in the envelope: a first start, the secrets
and the first TLS handshakes must fit in."""

LAYERS: Final = {"light": ("light",), "ai": ("light", "ai")}

Families = Mapping[str, Sequence[Endpoint]]
"""The endpoints of each file of `functions/`, by the file's name."""

Triggers = Mapping[str, Trigger]
"""What else calls a function than HTTP requests, by its file's name."""


def serverless_yml(families: Families, triggers: Triggers) -> str:
    """The whole file."""
    return HEAD + yaml_text(build_service(families, triggers))


def build_service(families: Families, triggers: Triggers) -> Mapping[str, Plain]:
    """The service as osls reads it."""
    deployed = deployed_families(families)
    bundles = {bundle_of(endpoints) for endpoints in deployed.values()}
    bundles |= {trigger.bundle for trigger in triggers.values()}
    layers = [name for name in LAYERS if any(name in LAYERS[bundle] for bundle in bundles)]
    sockets = any(trigger.routes for trigger in triggers.values())
    return {
        "service": SERVICE,
        "frameworkVersion": "4",
        "params": {
            "default": {
                "runtime": "python3.11",
                "snapStart": "false",
                "rate": 200,
                "burst": 400,
                "logDays": 14,
                "alarmTopic": "none",
            }
        },
        "provider": PROVIDER,
        "plugins": ["./adapters/deploy/osls_bundle.js", "serverless-offline"],
        "custom": {"serverless-offline": OFFLINE, **(ENDPOINTS if sockets else {})},
        "package": {"individually": True},
        "layers": {name: _layer(name) for name in layers},
        "functions": {
            **{name: _function(name, deployed, routes_of(name, deployed)) for name in deployed},
            **{name: _triggered(name, trigger) for name, trigger in triggers.items()},
        },
        "resources": {
            "Conditions": CONDITIONS,
            "extensions": {
                "HttpApiStage": HTTP_STAGE,
                **({"WebsocketsDeploymentStage": WEBSOCKET_STAGE} if sockets else {}),
            },
            "Resources": {
                **{_role_id(n): role(n, secret_names(e)) for n, e in deployed.items()},
                **{
                    _role_id(name): role(
                        name,
                        trigger_secrets(trigger),
                        table=trigger.table,
                        methods=trigger.methods,
                    )
                    for name, trigger in triggers.items()
                },
                **({TABLE_ID: TABLE} if any(t.table for t in triggers.values()) else {}),
                **alarms(triggers),
            },
        },
    }


def deployed_families(families: Families) -> dict[str, tuple[Endpoint, ...]]:
    """What runs on Lambda: all but the endpoints that live only in the long-lived process."""
    kept = {
        name: tuple(endpoint for endpoint in endpoints if endpoint.host == "any")
        for name, endpoints in families.items()
    }
    return {name: endpoints for name, endpoints in kept.items() if endpoints or name == CATCH_ALL}


def bundle_of(endpoints: Sequence[Endpoint]) -> str:
    """`ai` for a file with at least one endpoint that needs it."""
    return "ai" if any(endpoint.bundle == "ai" for endpoint in endpoints) else "light"


def routes_of(name: str, deployed: Families) -> list[tuple[str, str]]:
    """Method and path of each route of a function; `*` is every method.

    Where files share a path, the one that answers GET takes what no other claims.
    """
    if name == CATCH_ALL:
        return [("*", "*")]
    routes: dict[tuple[str, str], None] = {}
    for endpoint in deployed[name]:
        sharing = [n for n, all_of in deployed.items() if endpoint.path in _paths(all_of)]
        first = min(sharing, key=lambda n: ("GET" not in _methods(deployed[n], endpoint.path), n))
        routes["*" if first == name else endpoint.method, gateway_path(endpoint.path)] = None
    return list(routes)


def gateway_path(path: str) -> str:
    """A router's path as API Gateway writes it: `{symbol:path}` is `{symbol+}`, and takes all that
    follows; the function's own router looks closer."""
    whole, greedy, _ = path.partition(":path}")
    return re.sub(r"\{(\w+)(?::\w+)?\}", r"{\1}", whole) + ("+}" if greedy else "")


def _paths(endpoints: Sequence[Endpoint]) -> set[str]:
    return {endpoint.path for endpoint in endpoints}


def _methods(endpoints: Sequence[Endpoint], path: str) -> set[str]:
    return {endpoint.method for endpoint in endpoints if endpoint.path == path}


def _function(
    name: str, deployed: Families, routes: Sequence[tuple[str, str]]
) -> Mapping[str, Plain]:
    endpoints = deployed[name]
    deadline_s = max((endpoint.timeout_s for endpoint in endpoints), default=0)
    return {
        "handler": f"functions.{name}.handler",
        "memorySize": max((endpoint.memory_mb for endpoint in endpoints), default=256),
        "timeout": min(30, math.ceil(deadline_s) + GRACE_S),
        **_common(name, bundle_of(endpoints)),
        "events": [
            {"httpApi": "*" if path == "*" else {"method": method, "path": path}}
            for method, path in routes
        ],
    }


def _triggered(name: str, trigger: Trigger) -> Mapping[str, Plain]:
    """A function of sockets or of the clock. The clock comes again: nothing is tried twice."""
    made: dict[str, Plain] = {
        "handler": f"functions.{name}.handler",
        "memorySize": trigger.memory_mb,
        "timeout": trigger.timeout_s,
        **_common(name, trigger.bundle),
    }
    if trigger.table:
        made["environment"] = _addresses(trigger)
    if trigger.every_min:
        made["maximumRetryAttempts"] = 0
        made["maximumEventAge"] = 60
    unit = "minute" if trigger.every_min == 1 else "minutes"
    made["events"] = [
        *({"websocket": {"route": route}} for route in trigger.routes),
        *(
            [{"schedule": {"rate": [f"rate({trigger.every_min} {unit})"]}}]
            * bool(trigger.every_min)
        ),
    ]
    return made


def _addresses(trigger: Trigger) -> Mapping[str, Plain]:
    """Where the table and the APIs are; settings from the environment of whoever deploys."""
    apis = ENDPOINTS if trigger.routes else ("WS_ENDPOINT",)
    settings = ("WS_MAX_SYMBOLS",) if trigger.routes else ("WS_PUMP_EVERY_S",)
    return {
        "WS_TABLE": TABLE_NAME,
        **{name: f"${{env:{name}, self:custom.{name}}}" for name in apis},
        **{name: f"${{env:{name}, ''}}" for name in settings},
    }


def _common(name: str, bundle: str) -> Mapping[str, Plain]:
    return {
        "role": _role_id(name),
        "snapStart": "${strToBool(${param:snapStart})}",
        "layers": [{"Ref": f"{n.capitalize()}LambdaLayer"} for n in LAYERS[bundle]],
    }


def _layer(name: str) -> Mapping[str, Plain]:
    return {
        "path": f"build/layers/{name}",
        "name": f"{SERVICE}-${{sls:stage}}-{name}",
        "compatibleRuntimes": ["${param:runtime}"],
        "compatibleArchitectures": ["x86_64"],
        "package": {"patterns": ["**"]},
    }


def _role_id(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_")) + "Role"
