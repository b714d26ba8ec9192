"""The same request by every way into Lambda: HTTP API, function URL, REST API, load balancer."""

import base64
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import parse_qsl

from rehearsal.events import http_event

Event = dict[str, Any]


class Way(Protocol):
    def __call__(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Event: ...


def function_url(
    method: str, target: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Event:
    """https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html"""
    event = http_event(method, target, headers=headers, body=body)
    host = "abc.lambda-url.us-east-1.on.aws"
    event["headers"]["host"] = event["requestContext"]["domainName"] = host
    return event


def rest_api(
    method: str, target: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Event:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html"""
    path, _, query = target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    given = {"Host": "api.example", **(headers or {})}
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": given,
        "multiValueHeaders": {name: [value] for name, value in given.items()},
        "queryStringParameters": dict(pairs) or None,
        "multiValueQueryStringParameters": _gathered(pairs) or None,
        "pathParameters": {"proxy": path},
        "requestContext": {"identity": {"sourceIp": "203.0.113.7"}, "stage": "dev"},
        **_carried(body),
    }


def load_balancer(
    method: str, target: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Event:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html"""
    path, _, query = target.partition("?")
    pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]  # as they came
    given = {"host": "lb.example", "x-forwarded-for": "203.0.113.7", **(headers or {})}
    return {
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:x"}},
        "httpMethod": method,
        "path": path,
        "multiValueQueryStringParameters": _gathered(pairs),
        "multiValueHeaders": {name: [value] for name, value in given.items()},
        **_carried(body),
    }


def _gathered(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _carried(body: bytes) -> Event:
    try:
        return {"body": body.decode() or None, "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
