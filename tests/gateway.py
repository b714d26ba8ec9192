"""API Gateway's websocket side for tests: events as it tells them, and who listens to its posts."""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import boto3
import httpx
from moto.server import ThreadedMotoServer

from adapters.aws.live import open_gateway
from adapters.aws.pump import Pump
from adapters.aws.websocket import Sockets
from adapters.deploy.serverless_parts import TABLE
from functions import load_channels
from rehearsal.events import socket_event
from tests.house import House

ENDPOINT = "http://gateway.test/dev"
HTTP = "http://http-api.test"
KEYS = {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


@contextmanager
def moto() -> Iterator[str]:
    """An AWS account; its address."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line a request says nothing
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def create_table(address: str) -> Any:
    """The table of connections as serverless.yml declares it, empty; AWS's own SDK on it."""
    httpx.post(f"{address}/moto-api/reset").raise_for_status()
    resource = boto3.resource(
        "dynamodb",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    declared: Any = TABLE["Properties"]
    wanted = ("BillingMode", "AttributeDefinitions", "KeySchema")
    return resource.create_table(TableName="connections", **{k: declared[k] for k in wanted})


class Gateway(httpx.AsyncBaseTransport):
    """Takes what is posted to connections; everything else goes where it belongs.

    Attributes:
        sandbox: where the sources are.
        asked: is set whenever a connection was written to.
        posted: the messages that each connection got, in order.
        closed: connections that were ended by us.
        gone: connections that are there no more.
        refusals: statuses to answer with, before posts are taken.
        most_at_once: the largest number of posts that were under way together.
    """

    def __init__(self) -> None:
        self.sandbox: httpx.AsyncBaseTransport = httpx.MockTransport(lambda _: httpx.Response(404))
        self.asked = asyncio.Event()
        self.posted: dict[str, list[Any]] = defaultdict(list)
        self.closed: list[str] = []
        self.gone: set[str] = set()
        self.refusals: list[int] = []
        self.most_at_once = 0
        self.paths: list[str] = []
        self.path_answers: Mapping[str, httpx.Response | Exception] = {}
        self.hold_s = 0.0
        self._now = 0
        self._outside = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "gateway.test":
            answer = await self._connection(request)
            self.asked.set()
            return answer
        if request.url.host == "http-api.test":
            target = request.url.raw_path.decode()
            self.paths.append(target)
            answer = self.path_answers.get(target) or httpx.Response(404, json={"success": False})
            if isinstance(answer, Exception):
                raise answer
            return answer
        if request.url.host == "127.0.0.1":
            return await self._outside.handle_async_request(request)
        return await self.sandbox.handle_async_request(request)

    async def aclose(self) -> None:
        await self._outside.aclose()

    async def _connection(self, request: httpx.Request) -> httpx.Response:
        assert "execute-api/aws4_request" in request.headers["authorization"]
        stage, _, quoted = (
            request.url.raw_path.decode().removeprefix("/").partition("/@connections/")
        )
        assert (stage, "/" in quoted) == ("dev", False)
        connection = unquote(quoted)
        if self.refusals:
            return httpx.Response(self.refusals.pop(0))
        if connection in self.gone:
            return httpx.Response(410)
        if request.method == "DELETE":
            self.closed.append(connection)
            self.gone.add(connection)
            return httpx.Response(204)
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        await asyncio.sleep(self.hold_s)
        self._now -= 1
        self.posted[connection].append(json.loads(request.content))
        return httpx.Response(200)


class Cloud:
    """The websocket half of a deployment: its routes, its pump and its table, over the sandbox."""

    def __init__(self, address: str, table: Any, **settings: str) -> None:
        environ = {
            "WS_TABLE": "connections",
            "WS_ENDPOINT": ENDPOINT,
            "HTTP_ENDPOINT": HTTP,
            "WS_PUMP_EVERY_S": "0.02",
            **settings,
        }
        self.table = table
        self.gateway = Gateway()
        self.house = House(settings=environ, endpoints=(), upstream=self.gateway)
        self.gateway.sandbox = httpx.ASGITransport(self.house.sandbox)
        self.clock = self.house.clock
        self.runtime = self.house.runtime
        opened = open_gateway(self.runtime, {**KEYS, "AWS_ENDPOINT_URL": address})
        self.connections, self.postbox = opened
        self.sockets = Sockets(self.runtime, load_channels(), *opened)
        self.pump = Pump(self.runtime, load_channels(), *opened)

    async def connect(self, name: str, channel: str = "", **headers: str) -> dict[str, Any]:
        """A client's handshake."""
        event = socket_event("$connect", name, headers=headers)
        if channel:
            event["queryStringParameters"] = {"channel": channel}
        return await self.sockets(event, None)

    async def say(self, name: str, message: Any) -> list[Any]:
        """A client's message; what it is told."""
        text = message if isinstance(message, str) else json.dumps(message)
        before = len(self.gateway.posted[name])
        await self.sockets(socket_event("$default", name, body=text), None)
        return self.gateway.posted[name][before:]

    async def disconnect(self, name: str) -> None:
        """A client leaves."""
        await self.sockets(socket_event("$disconnect", name), None)

    async def pump_until(self, enough: Callable[[], bool] = lambda: False) -> dict[str, Any]:
        """Run the pump until something is so, at most a few seconds; what it says it has done."""
        left_s = 50.0
        running = asyncio.create_task(self.pump.run(lambda: left_s))
        async with asyncio.timeout(10):
            while not (running.done() or enough()):
                waiting = asyncio.create_task(self.gateway.asked.wait())
                await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                self.gateway.asked.clear()
            left_s = 0.0
            return await running

    def rows(self) -> list[tuple[str, str]]:
        """The keys of all rows."""
        return sorted((row["pk"], row["sk"]) for row in self.table.scan()["Items"])
