"""One fresh interpreter of `bench.cold`: prints what a function's start, or its calls, cost.

    PYTHONPATH=TASK:LAYERS python -S -P bench/cold_process.py start|warm functions.NAME|bare EVENT

It sees what Lambda sees: a function's unpacked zip and its layers. Modules are imported where they
are used, because whatever is there before the clock runs is a gift to what is measured.
"""

import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # what types are made of is not there when the clock runs
    from collections.abc import Callable
    from typing import Any

    from starlette.requests import Request
    from starlette.responses import Response

    Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

ROUNDS, CALLS = 40, 50
WARM_UP = 200

_cpu_ns = time.process_time_ns


def main() -> None:
    """Do what the command line says and print JSON."""
    what, module, file = sys.argv[1:]
    found = start(module, file) if what == "start" else warm(module, file)
    import json

    json.dump(found, sys.stdout)


def start(module: str, file: str) -> "dict[str, Any]":
    """Milliseconds of CPU: the import, then with the first event, building included."""
    began = _cpu_ns()
    handler = load(module)
    imported = _cpu_ns()
    if module == "bare":
        handler = bare_handler(b"{}", fetches=True)
    answer = handler(read_event(file), None)
    first = _cpu_ns()
    return {
        "import_ms": (imported - began) / 1e6,
        "first_ms": (first - began) / 1e6,
        "status": answer["statusCode"],
    }


def warm(module: str, file: str) -> "dict[str, Any]":
    """Microseconds of CPU a call: ours, and bare Mangum and Starlette with the same body."""
    import base64

    handler, event = load(module), read_event(file)
    answer = handler(event, None)
    body = answer.get("body", "")
    body = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    bare = bare_handler(body)
    for call in (bare, handler):
        for _ in range(WARM_UP):
            call(event, None)
    found: dict[str, list[float]] = {"bare_us": [], "ours_us": []}
    for _ in range(ROUNDS):
        for name, call in (("bare_us", bare), ("ours_us", handler)):
            began = _cpu_ns()
            for _ in range(CALLS):
                call(event, None)
            found[name].append((_cpu_ns() - began) / 1e3 / CALLS)
    kept = handler(event, None)["headers"].get("x-cache") == "hit"
    return {**found, "status": answer["statusCode"], "bytes": len(body), "kept": kept}


def load(module: str) -> "Any":
    """Import a function, or what the bare one is made of."""
    if module != "bare":
        from importlib import import_module

        return import_module(module).handler
    import httpx
    import mangum
    import starlette.applications

    return httpx, mangum, starlette.applications


def read_event(file: str) -> "Any":
    """The event that the parent wrote."""
    import json

    with open(file) as opened:  # noqa: PTH123 - pathlib would be a gift too
        return json.load(opened)


def bare_handler(body: bytes, *, fetches: bool = False) -> "Handler":
    """The least that answers: Starlette's routes under Mangum; the first of them may have something
    to fetch."""
    from mangum import Mangum
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Route

    if fetches:
        import os

        import httpx

        client = httpx.AsyncClient()

    async def answer(_request: "Request") -> "Response":
        if fetches:
            await client.get(os.environ["BENCH_UPSTREAM"])
        return Response(body, media_type="application/json")

    methods = ["GET", "POST"]
    routes = [Route(path, answer, methods=methods) for path in ("/a", "/b", "/{path:path}")]
    return Mangum(Starlette(routes=routes), lifespan="off")


if __name__ == "__main__":
    main()
