"""serverless.yml, written from the endpoints' declarations by `make serverless`.

One function a file of `functions/`. Each has its own memory, timeout and layers, and a role that
may write its own log and read the keys of its own sources. A path's one route takes every method,
so that HEAD, preflights and refusals (405) come from the same code as in the Space.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from adapters.secrets_ssm import secret_names
from adapters.yaml_text import Plain, yaml_text
from lib.endpoint import Endpoint

HEAD: Final = (
    "# Written by `make serverless` from the endpoints' declarations: edit those instead.\n"
)

SERVICE: Final = "dreammaker"
CATCH_ALL: Final = "not_found"

GRACE_S: Final = 4
"""Beyond an endpoint's own deadline, which answers 504 in the envelope: a first start, the secrets
and the first TLS handshakes must fit in."""

PASSED_ON: Final = ("CORS_ORIGINS", "RATE_LIMIT_IP", "RATE_LIMIT_KEY", "LOG_LEVEL")
"""Settings that are no secrets: taken from the environment of whoever deploys."""

LAYERS: Final = {"light": ("light",), "ai": ("light", "ai")}

Families = Mapping[str, Sequence[Endpoint]]
"""The endpoints of each file of `functions/`, by the file's name."""


def serverless_yml(families: Families) -> str:
    """The whole file."""
    return HEAD + yaml_text(build_service(families))


def build_service(families: Families) -> Mapping[str, Plain]:
    """The service as osls reads it."""
    deployed = deployed_families(families)
    bundles = {bundle_of(endpoints) for endpoints in deployed.values()}
    layers = [name for name in LAYERS if any(name in LAYERS[bundle] for bundle in bundles)]
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
            }
        },
        "provider": _PROVIDER,
        "plugins": ["./adapters/osls_bundle.js", "serverless-offline"],
        "custom": {"serverless-offline": _OFFLINE},
        "package": {"individually": True},
        "layers": {name: _layer(name) for name in layers},
        "functions": {
            name: _function(name, deployed, routes_of(name, deployed)) for name in deployed
        },
        "resources": {
            "extensions": {"HttpApiStage": _THROTTLED},
            "Resources": {_role_id(n): _role(n, secret_names(e)) for n, e in deployed.items()},
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
    """A router's path as API Gateway writes it: `{symbol:path}` is `{symbol+}`."""
    return re.sub(r"\{(\w+)(?::(?!path\})\w+)?\}", r"{\1}", path).replace(":path}", "+}")


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
        "role": _role_id(name),
        "snapStart": "${strToBool(${param:snapStart})}",
        "layers": [{"Ref": f"{n.capitalize()}LambdaLayer"} for n in LAYERS[bundle_of(endpoints)]],
        "events": [
            {"httpApi": "*" if path == "*" else {"method": method, "path": path}}
            for method, path in routes
        ],
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


def _role(name: str, secrets: Sequence[str]) -> Mapping[str, Plain]:
    log = f"log-group:/aws/lambda/{SERVICE}-${{sls:stage}}-{name}:*"
    root = f"parameter/{SERVICE}/${{sls:stage}}"
    statements: list[Plain] = [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": _arn("logs", log),
        },
        {
            "Effect": "Allow",
            "Action": ["ssm:GetParameters"],
            "Resource": [_arn("ssm", f"{root}/{secret}") for secret in secrets],
        },
    ]
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            },
            "Policies": [
                {
                    "PolicyName": name,
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
                }
            ],
        },
    }


def _arn(service: str, resource: str) -> Plain:
    account = "${AWS::Region}:${AWS::AccountId}"
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:{service}:{account}:{resource}"}


_PROVIDER: Final[Mapping[str, Plain]] = {
    "name": "aws",
    "runtime": "${param:runtime}",
    "architecture": "x86_64",
    "stage": "${opt:stage, 'dev'}",
    "region": "${opt:region, 'us-east-1'}",
    "versionFunctions": False,
    "logRetentionInDays": "${param:logDays}",
    "environment": {
        "SECRETS_PATH": f"/{SERVICE}/${{sls:stage}}",
        **{name: f"${{env:{name}, ''}}" for name in PASSED_ON},
    },
    "httpApi": {"payload": "2.0"},
}

_THROTTLED: Final[Mapping[str, Plain]] = {
    "Properties": {
        "DefaultRouteSettings": {
            "ThrottlingRateLimit": "${param:rate}",
            "ThrottlingBurstLimit": "${param:burst}",
        }
    }
}

_OFFLINE: Final[Mapping[str, Plain]] = {
    "host": "127.0.0.1",
    "httpPort": "${env:OFFLINE_HTTP_PORT, '3000'}",
    "websocketPort": "${env:OFFLINE_WEBSOCKET_PORT, '3001'}",
    "lambdaPort": "${env:OFFLINE_LAMBDA_PORT, '3002'}",
    "noPrependStageInUrl": True,
    "localEnvironment": True,  # the addresses of upstreams come from there
}
