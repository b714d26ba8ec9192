"""Functions that no HTTP request reaches, each under the emulator: what sockets are told, what the
pump posts and forgets, what the ledger's scoring says."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lib.trigger import Trigger
from rehearsal.cloud import STACK, Deployed, unpack
from rehearsal.emulator import Function, emulated, import_ms
from rehearsal.events import schedule_event, socket_event
from rehearsal.listeners import Listeners, listeners
from rehearsal.report import Row
from rehearsal.scoring import score_in_store
from rehearsal.tools import WORK, Failed
from rehearsal.zips import check_zip

TABLE = f"{STACK}-connections"
PUMP_S = 7
"""The pump works until its time is nearly over: here it has less of it."""

WARM_CALLS = 10


class Scene(NamedTuple):
    """What a function is rehearsed with."""

    function: Function
    deployed: Deployed
    held: Listeners


def rehearse_triggers(
    triggers: Mapping[str, Trigger],
    deployed: Deployed,
    layers: Callable[[str], Path],
    env: Mapping[str, str],
) -> list[Row]:
    """Fetch each function back, look into it, run it; what was measured.

    The pump comes after the routes, whose connection it serves.
    """
    order = sorted(triggers, key=lambda name: (bool(triggers[name].every_min), name))
    with listeners() as held:
        own = {**env, "WS_ENDPOINT": held.url, "WS_PUMP_EVERY_S": "0.5"}
        rows = [_rehearse(n, triggers[n], deployed, layers(n), own, held) for n in order]
        if held.unsigned:
            raise Failed(f"{held.unsigned} posts to connections were not signed")
    return rows


def _rehearse(
    name: str,
    trigger: Trigger,
    deployed: Deployed,
    layers: Path,
    env: Mapping[str, str],
    held: Listeners,
) -> Row:
    content = deployed.function_zip(name)
    check_zip(name, content, [trigger])
    task = WORK / "unpacked" / name
    row = Row(name, len(content), unpack(content, task))
    told = deployed.configuration(name)
    variables = {k: v for k, v in told["Environment"]["Variables"].items() if v} | dict(env)
    module, timeout_s = told["Handler"].rpartition(".")[0], told["Timeout"]
    row.import_ms = [import_ms(module, f"{task}:{layers / 'python'}") for _ in range(3)]
    if name == "socket_pump":
        timeout_s = PUMP_S
    with emulated(name, told["Handler"], task, layers, variables, timeout_s) as function:
        row.status = ACTS[name](Scene(function, deployed, held), row)
    if name == "ledger_scoring":
        score_in_store(name, task, layers, variables)
    return row


def rehearse_routes(scene: Scene, row: Row) -> int:
    """Two connections follow something; one leaves, one stays for the pump."""
    invoke, told = scene.function.invoke, scene.held.told
    for name in ("stays=", "leaves="):
        event = socket_event("$connect", name)
        event["queryStringParameters"] = {"channel": "ticker"}
        answer, took_ms = invoke(event)
        row.first_ms.append(took_ms)
        _hold(answer["statusCode"] == 200, f"$connect is answered by {answer}")
        asked = '{"action":"subscribe","symbols":["BTC/USDT","NOSUCHCOIN"]}'
        invoke(socket_event("$default", name, body=asked))
        kinds = [message.get("type") or message.get("channel") for message in told[name]]
        _hold(kinds == ["connection", "subscribed", "ticker"], f"a subscription is told {kinds}")
        _hold(told[name][1]["accepted"] == ["BTC/USDT"], f"… and told {told[name][1]}")
    row.warm_ms = [
        invoke(socket_event("$default", "stays=", body='{"type":"ping"}'))[1]
        for _ in range(WARM_CALLS)
    ]
    invoke(socket_event("$default", "leaves=", body="no JSON"))
    refusal = told["leaves="][-1].get("error", {}).get("code")
    _hold(refusal == "INVALID_PARAMETER", f"a message that is no JSON is told {refusal}")
    invoke(socket_event("$disconnect", "leaves="))
    _hold(_connections(scene.deployed) == {"stays="}, "$disconnect leaves rows behind")
    other, _ = invoke(schedule_event())
    _hold(other["statusCode"] == 400, f"an event of another kind is answered by {other}")
    return int(answer["statusCode"])


def rehearse_pump(scene: Scene, row: Row) -> int:
    """What is followed is posted, and who is gone is forgotten."""
    told = scene.held.told["stays="]
    told.clear()
    answer, took_ms = scene.function.invoke(schedule_event())
    row.first_ms.append(took_ms)
    _hold(answer.get("posted", 0) > 0 and bool(told), f"the pump says {answer}")
    _hold(told[0]["data"]["symbol"] == "BTC/USDT", f"the pump posts {told[0]}")
    _hold(took_ms < PUMP_S * 1000, "the pump does not end before its time")
    scene.held.gone.add("stays=")
    scene.held.told.clear()
    # what it has told is not told again: a new follower who is gone is
    table = scene.deployed.client("dynamodb")
    rows = [r for r in table.scan(TableName=TABLE)["Items"] if r["sk"]["S"] == "stays="]
    for one in rows:
        topic = {"S": "topic#trades:BTC/USDT"}
        table.put_item(TableName=TABLE, Item={**one, "pk": topic})
        watched = {**one, "pk": {"S": "topics"}, "sk": {"S": "trades:BTC/USDT"}}
        table.put_item(TableName=TABLE, Item={**watched, "since_ms": {"N": "0"}})
    answer, _ = scene.function.invoke(schedule_event())
    _hold(answer.get("gone") == 1, f"with one connection that is gone the pump says {answer}")
    _hold(not _connections(scene.deployed), "who is gone has rows still")
    row.warm_ms = [scene.function.invoke(schedule_event())[1] for _ in range(WARM_CALLS)]
    return int(answer["statusCode"])


def rehearse_scoring(scene: Scene, row: Row) -> int:
    """Without a store there is no ledger, and the function says so."""
    answer, took_ms = scene.function.invoke(schedule_event())
    row.first_ms.append(took_ms)
    row.warm_ms = [scene.function.invoke(schedule_event())[1] for _ in range(WARM_CALLS)]
    _hold(answer == {"statusCode": 503, "scored": None}, f"scoring without a store says {answer}")
    return int(answer["statusCode"])


ACTS: Mapping[str, Callable[[Scene, Row], int]] = {
    "ledger_scoring": rehearse_scoring,
    "socket_pump": rehearse_pump,
    "socket_routes": rehearse_routes,
}


def _connections(deployed: Deployed) -> set[Any]:
    """Which connections the table knows of."""
    rows = deployed.client("dynamodb").scan(TableName=TABLE)["Items"]
    return {
        row["pk"]["S"].partition("#")[2] if row["sk"]["S"] == "." else row["sk"]["S"]
        for row in rows
        if row["pk"]["S"].startswith(("connection#", "topic#", "hello"))
    }


def _hold(good: bool, otherwise: str) -> None:
    if not good:
        raise Failed(f"sockets: {otherwise}")
