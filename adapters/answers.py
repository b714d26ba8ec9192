"""What a path answers, asked from inside the process: for sockets that carry whole replies."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.routing import compile_path

from adapters.asking import read_query, validate
from adapters.rendering import Rendered, render, render_document
from lib.auth import Principal
from lib.desk import Desk
from lib.endpoint import Document, Endpoint
from lib.errors import Forbidden, NotFound
from lib.runtime import Runtime


class Answers:
    """Every GET endpoint, by request target."""

    def __init__(self, endpoints: Sequence[Endpoint], runtime: Runtime) -> None:
        self._runtime = runtime
        # fixed paths before parameters, as the router has them
        ordered = sorted(
            (endpoint for endpoint in endpoints if endpoint.method == "GET"),
            key=lambda e: ("{" in e.path, -len(e.path.split("{")[0])),
        )
        self._routes = [(endpoint, *compile_path(endpoint.path)[::2]) for endpoint in ordered]
        self._desk = Desk(runtime, endpoints, lambda _prefix: 0, lambda: b"")

    async def answer(self, target: str, principal: Principal | None = None) -> Rendered:
        """The reply to a request target.

        Raises:
            ApiError: as over HTTP.
        """
        path, _, query = target.partition("?")
        endpoint, given = self._find(path)
        if endpoint.auth == "key" and principal is None:
            raise Forbidden("This path needs an API key: send it with your first message")
        request = validate(endpoint, given, read_query(query.encode("utf-8", "replace")), {})
        clock = self._runtime.clock
        asked_ms = clock.now_ms()
        ctx = self._runtime.context()
        if endpoint.tag == "Operations":
            ctx.desk = replace(self._desk, principal=principal)
        reply = await endpoint.call(request, ctx)
        if isinstance(reply, Document):
            default_s = self._runtime.settings.cache_ttl_default
            return render_document(endpoint.name, reply, clock.now_ms(), default_s)
        return render(endpoint, reply, ctx, asked_ms, clock.now_ms())

    def _find(self, path: str) -> tuple[Endpoint, Mapping[str, Any]]:
        for endpoint, pattern, converters in self._routes:
            match = pattern.match(path)
            if match:
                return endpoint, {k: converters[k].convert(v) for k, v in match.groupdict().items()}
        raise NotFound("There is no such path; /docs lists those that exist")
