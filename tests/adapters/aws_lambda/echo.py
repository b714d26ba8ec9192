"""A function of the tests: it says what it is told, or breaks."""

import json
from typing import Any

import httpx
from mangum import Mangum

from adapters.asgi import create_app
from adapters.aws_lambda import Enveloped
from lib.context import Context
from lib.endpoint import Document, Endpoint, Reply, Request
from lib.runtime import build_runtime
from lib.settings import Settings


class EchoRequest(Request):
    text: str = ""


class EchoReply(Reply):
    text: str


async def echo(request: EchoRequest, ctx: Context) -> EchoReply:
    return EchoReply(text=request.text)


async def pair(request: EchoRequest, ctx: Context) -> EchoReply:
    return EchoReply(text=request.text)


async def long(request: EchoRequest, ctx: Context) -> EchoReply:
    return EchoReply(text=request.text * 1_000_000)


async def raw(request: EchoRequest, ctx: Context) -> Document:
    return Document(bytes(range(256)), "application/octet-stream")


async def broken(request: EchoRequest, ctx: Context) -> EchoReply:
    raise RuntimeError("a secret in a sentence")


def _endpoint(path: str, call: Any, method: Any = "GET") -> Endpoint:
    return Endpoint(
        method=method, path=path, request=EchoRequest, reply=EchoReply, call=call, cached=False
    )


ENDPOINTS = (
    _endpoint("/api/echo", echo),
    _endpoint("/api/told", echo, "POST"),
    _endpoint("/api/pair/{text:path}", pair),
    _endpoint("/api/long", long),
    _endpoint("/api/raw", raw),
    _endpoint("/api/broken", broken),
)


def nobody(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no network here", request=request)


def build() -> Mangum:
    runtime = build_runtime(
        Settings.load({}), transport=httpx.MockTransport(nobody), names=["binance"], inline=True
    )
    return Mangum(Enveloped(create_app(ENDPOINTS, runtime)), lifespan="off")


def code(answer: Any) -> tuple[int, str]:
    body = json.loads(answer["body"])
    assert body["success"] is False
    return answer["statusCode"], body["error"]["code"]
