"""Endpoints as an ASGI app: all of them for the Space, one for a Lambda, the same code."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Route, Router
from starlette.types import Lifespan

from adapters.asking import read_body, read_query, validate
from adapters.front_door import (
    LONGEST_TARGET,
    Counted,
    FrontDoor,
    Receive,
    Scope,
    Send,
    send_rendered,
    target_of,
)
from adapters.pantry import Pantry
from adapters.rendering import Rendered, render, render_document
from adapters.visit import Reception, Visit
from lib.desk import Desk
from lib.endpoint import Document, Endpoint, Request
from lib.errors import (
    DeadlinePassed,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    Unauthorized,
    shown,
)
from lib.highway.flight import Flights
from lib.runtime import Runtime

MIB = 1024 * 1024

_log = logging.getLogger("dreammaker.http")


class EndpointApp:
    """One endpoint as ASGI: read, validate, render once for all who ask the same, send."""

    def __init__(
        self, endpoint: Endpoint, desk: Desk, pantry: Pantry, flights: Flights, counted: Counted
    ) -> None:
        self._endpoint = endpoint
        self._desk = desk
        self._clock = desk.runtime.clock
        self._pantry = pantry
        self._flights = flights
        self._counted = counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit: Visit = scope["visit"]
        endpoint = self._endpoint
        visit.endpoint = endpoint.name
        if _log.isEnabledFor(logging.DEBUG):
            facts = {"endpoint": endpoint.name, "path": shown(scope["path"], 200)}
            _log.debug("request.asked", extra=facts)
        if endpoint.auth == "key":
            self._admit(visit)
        body = await read_body(visit.headers, receive) if endpoint.method == "POST" else {}
        query = read_query(scope["query_string"])
        request = validate(endpoint, scope.get("path_params", {}), query, body)
        if not endpoint.cached:
            rendered, made = await self._render(request, visit), True
        else:
            question = endpoint.name.encode() + b" " + request.model_dump_json().encode()
            # a target that is known at the door is answered to anybody
            if endpoint.method == "GET" and endpoint.auth == "public":
                self._pantry.spell(target_of(scope), question)
            rendered, made = await self._shared(question, request)
        now_ms = self._clock.now_ms()
        await send_rendered(rendered, visit, send, now_ms, self._counted, first=made)

    def _admit(self, visit: Visit) -> None:
        if visit.principal:
            return
        if visit.shows_key:
            raise Forbidden("This key is not known")
        raise Unauthorized(
            "This path needs an API key: send Authorization: Bearer KEY",
            headers={"WWW-Authenticate": "Bearer"},
        )

    async def _shared(self, question: bytes, request: Request) -> tuple[Rendered, bool]:
        """The rendering of a question, whichever way it was spelled, and whether it was made just
        now; many askers share one."""
        ready = self._pantry.get(question)
        if ready and ready.is_good(self._clock.now_ms()):
            return ready, False
        making = self._flights.start(question, partial(self._make, question, request))
        making.set_name(self._endpoint.name)
        self._pantry.expect(question, making)
        return await asyncio.shield(making), True

    async def _make(self, question: bytes, request: Request) -> Rendered:
        rendered = await self._render(request, None)
        if rendered.until_ms:
            self._pantry.put(question, rendered)
        return rendered

    async def _render(self, request: Request, visit: Visit | None) -> Rendered:
        asked_ms = self._clock.now_ms()
        ctx = self._desk.runtime.context()
        ctx.principal = visit.principal if visit else None
        if self._endpoint.tag == "Operations":
            ctx.desk = replace(self._desk, principal=ctx.principal)
        try:
            async with asyncio.timeout(self._endpoint.timeout_s):
                reply = await self._endpoint.call(request, ctx)
        except TimeoutError:
            raise DeadlinePassed(
                f"No answer within {self._endpoint.timeout_s} s",
                {"deadline_s": self._endpoint.timeout_s},
            ) from None
        now_ms = self._clock.now_ms()
        if isinstance(reply, Document):
            default_s = self._desk.runtime.settings.cache_ttl_default
            return render_document(self._endpoint.name, reply, now_ms, default_s)
        return render(self._endpoint, reply, ctx, asked_ms, now_ms)


def create_app(
    endpoints: Sequence[Endpoint],
    runtime: Runtime,
    *,
    routes: Iterable[BaseRoute] = (),
    counted: Counted = lambda _endpoint, _status, _cache: None,
    metrics: Callable[[], bytes] = lambda: b"",
    set_faults: Callable[[Mapping[str, str]], Mapping[str, str]] | None = None,
    lifespan: Lifespan[Any] | None = None,
) -> FrontDoor:
    """An ASGI app of these endpoints.

    Args:
        routes: more routes, for what only a long-lived process has (pages, sockets).
        counted: is told endpoint, status and cache state of every answer.
        metrics: writes the counters for `/metrics`.
        set_faults: makes the sandbox's sources fail; `None` outside the sandbox.
        lifespan: what runs beside the requests of a long-lived process.
    """
    pantry = Pantry(runtime.settings.answers_mb * MIB)
    flights = Flights()

    def forget(prefix: str) -> int:
        pantry.clear()
        return runtime.highway.shelf.clear(prefix)

    desk = Desk(runtime, endpoints, forget, metrics, set_faults)
    # fixed paths before parameters: /api/ohlcv/multi before /api/ohlcv/{symbol}
    ordered = sorted(endpoints, key=lambda e: ("{" in e.path, -len(e.path.split("{")[0])))
    made: list[BaseRoute] = [
        Route(
            endpoint.path,
            EndpointApp(endpoint, desk, pantry, flights, counted),
            methods=[endpoint.method],
            name=endpoint.name,
        )
        for endpoint in ordered
    ]
    router = Router([*made, *routes], redirect_slashes=False, default=_nowhere, lifespan=lifespan)
    free = {endpoint.path for endpoint in endpoints if endpoint.free}
    return FrontDoor(
        partial(_inside, router),
        Reception(runtime),
        runtime.clock,
        pantry,
        free=lambda path: path in free or path.startswith(("/docs/", "/static/")),
        counted=counted,
    )


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    raise NotFound("There is no such path; /docs lists those that exist")


async def _inside(
    router: Router, scope: MutableMapping[str, Any], receive: Receive, send: Send
) -> None:
    """The router, its own refusals turned into ours."""
    if scope["type"] == "http" and not scope["path"].isprintable():
        # the router's patterns overlook a line break at the end; a question mark nobody overlooks
        scope["path"] = shown(scope["path"], LONGEST_TARGET)
    scope["app"] = router  # so that Starlette raises its refusals instead of answering in text
    try:
        await router(scope, receive, send)
    except HTTPException as error:
        if error.status_code == 405:
            allowed = _methods_of(router, scope)
            raise MethodNotAllowed(
                f"This path exists, but only under {', '.join(allowed)}",
                {"allowed": allowed},
                {"Allow": ", ".join(allowed)},
            ) from None
        raise NotFound("There is no such path; /docs lists those that exist") from None


def _methods_of(router: Router, scope: MutableMapping[str, Any]) -> list[str]:
    """Every method of a path, whichever routes they belong to."""
    routes = (
        r for r in router.routes if isinstance(r, Route) and r.matches(scope)[0] != Match.NONE
    )
    return sorted({"OPTIONS"}.union(*(route.methods or () for route in routes)))
