"""One function alone: fetched back, looked into, run by the emulator, held against the server."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lib.endpoint import Endpoint
from rehearsal.cloud import Deployed, unpack
from rehearsal.comparison import hold
from rehearsal.emulator import Function, emulated, import_ms
from rehearsal.events import http_event
from rehearsal.questions import Question, question_for
from rehearsal.report import Row
from rehearsal.routes import RouteTable
from rehearsal.space import Local
from rehearsal.tools import WORK, Failed
from rehearsal.zips import check_layers, check_zip

WARM_CALLS = 25


def rehearse_function(
    name: str,
    endpoints: Sequence[Endpoint],
    deployed: Deployed,
    table: RouteTable,
    local: Local,
    env: Mapping[str, str],
) -> Row:
    """Fetch a function back, look into it, run it, and hold its answers against the server's."""
    content = deployed.function_zip(name)
    check_zip(name, content, endpoints)
    task = WORK / "unpacked" / name
    unzipped = unpack(content, task)
    layers = layers_for(deployed, name)
    told = deployed.configuration(name)
    variables = {k: v for k, v in told["Environment"]["Variables"].items() if v}
    module = told["Handler"].rpartition(".")[0]
    row = Row(name, len(content), unzipped)
    row.import_ms = [import_ms(module, f"{task}:{layers / 'python'}") for _ in range(3)]
    with emulated(
        name, told["Handler"], task, layers, {**variables, **env}, told["Timeout"]
    ) as run_:
        for endpoint in endpoints:
            row.first_ms.append(rehearse_endpoint(endpoint, run_, table, local))
        asked = question_for(endpoints[0]) if endpoints else Question("GET", "/nowhere", {}, b"")
        event = event_of(asked, table)
        answer, took_ms = run_.invoke(event)
        row.status = answer["statusCode"]
        row.first_ms.append(took_ms)
        row.warm_ms = [run_.invoke(event)[1] for _ in range(WARM_CALLS)]
    return row


def rehearse_endpoint(
    endpoint: Endpoint, function: Function, table: RouteTable, local: Local
) -> float:
    """Ask a function and the server the same; the function's milliseconds.

    Raises:
        Failed: another function answers this path, the status is no success, or the answers differ.
    """
    question = question_for(endpoint)
    met = table.meet(question.method, question.target.partition("?")[0])
    if met.function != function.name:
        raise Failed(f"{endpoint.path} leads to {met.function}, not to {function.name}")
    took_ms: list[float] = []

    def put() -> tuple[int, bytes]:
        answer, again_ms = function.invoke(event_of(question, table))
        took_ms.append(again_ms)
        return answer["statusCode"], answer["body"].encode()

    found = hold(endpoint, put, local)
    if found:
        raise Failed(f"function {function.name}: {question.target}: {found}")
    return took_ms[0]


def event_of(question: Question, table: RouteTable) -> dict[str, Any]:
    """The event that API Gateway would send for a question."""
    method, target, headers, body = question
    route = table.meet(method, target.partition("?")[0]).key
    return http_event(method, target, headers=headers, body=body, route=route)


def layers_for(deployed: Deployed, name: str) -> Path:
    """A function's layers, fetched back and unpacked above each other, as under /opt.

    Raises:
        Failed: they are larger than Lambda takes.
    """
    names = deployed.layers_of(name)
    folder = WORK / "unpacked" / "+".join(names)
    if not folder.exists():
        size = sum(unpack(deployed.layer_zip(layer), folder) for layer in names)
        check_layers(names, size)
    return folder
