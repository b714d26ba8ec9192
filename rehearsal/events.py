"""What functions are told: a request by API Gateway's HTTP API, payload format 2.0; a connection
by its websocket API; the hour by EventBridge.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote


def http_event(
    method: str,
    target: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    source_ip: str = "203.0.113.7",
    route: str = "$default",
) -> dict[str, Any]:
    """The event of one request; a body that is no text travels as base64, cookies apart."""
    path, _, query = target.partition("?")
    given = {name.lower(): value for name, value in (headers or {}).items()}
    cookies = [part.strip() for part in given.pop("cookie", "").split(";") if part.strip()]
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "api.example", "x-forwarded-proto": "https", **given},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "api.example",
            "domainPrefix": "api",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": source_ip,
                "userAgent": given.get("user-agent", "rehearsal"),
            },
            "requestId": "rehearsal",
            "routeKey": route,
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1767225600000,
        },
        "isBase64Encoded": False,
    }
    if values:
        event["queryStringParameters"] = {n: ",".join(found) for n, found in values.items()}
    if cookies:
        event["cookies"] = cookies
    if body:
        event["body"], event["isBase64Encoded"] = _as_text(body)
    return event


def socket_event(
    route: str, name: str, *, body: str | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What a websocket API tells of a connection; `name` is the connection's.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
    """
    kinds = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}
    event: dict[str, Any] = {
        "requestContext": {
            "routeKey": route,
            "eventType": kinds.get(route, "MESSAGE"),
            "connectionId": name,
            "requestId": "request-1",
            "domainName": "ws.example",
            "stage": "dev",
            "apiId": "api",
            "identity": {"sourceIp": "203.0.113.7"},
        },
        "isBase64Encoded": False,
    }
    if route == "$connect":
        named = {k.replace("_", "-").title(): v for k, v in (headers or {}).items()}
        event["headers"] = {"Host": "ws.example", "Upgrade": "websocket", **named}
    if body is not None:
        event["body"] = body
    return event


def schedule_event() -> dict[str, Any]:
    """What EventBridge tells by the clock."""
    return {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:123456789012:rule/rehearsal"],
        "detail": {},
    }


def path_of(event: Mapping[str, Any]) -> str:
    """The path that the caller meant."""
    return unquote(str(event["rawPath"]))


def _as_text(body: bytes) -> tuple[str, bool]:
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True
