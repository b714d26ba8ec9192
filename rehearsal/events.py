"""A request as API Gateway's HTTP API tells it to a function, payload format 2.0.

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


def path_of(event: Mapping[str, Any]) -> str:
    """The path that the caller meant."""
    return unquote(str(event["rawPath"]))


def _as_text(body: bytes) -> tuple[str, bool]:
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True
