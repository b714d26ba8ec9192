"""A client over serverless-offline: real frames in, the functions behind, real frames out."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from rehearsal.cloud import STACK
from rehearsal.events import schedule_event
from rehearsal.offline import Offline
from rehearsal.tools import Failed

PATIENCE_S = 30.0
PUMP_WITHIN_S = 70.0


def round_trip(host: Offline) -> None:
    """Connect, follow, hear what the pump posts, be refused what makes no sense, leave.

    Raises:
        Failed: something is not told, or told wrongly.
    """
    _refused(host)
    with connect(f"{host.websocket}?channel=ticker", open_timeout=PATIENCE_S, proxy=None) as client:
        _say(client, {"action": "subscribe", "channel": "ticker", "symbols": ["BTC/USDT"]})
        _hear(client, lambda m: m.get("type") == "connection", "a hello")
        _hear(client, lambda m: m.get("accepted") == ["BTC/USDT"], "an acknowledgement")
        first = _hear(client, _is_price, "the first price")
        left = threading.Event()
        pumping = threading.Thread(target=_pump, args=(host, left))
        pumping.start()
        try:
            later = _hear(client, _is_price, "a price from the pump", PUMP_WITHIN_S)
            if later["seq"] <= first["seq"]:
                raise Failed(f"round trip: {later['seq']} comes after {first['seq']}")
            _say(client, {"type": "ping"})
            _hear(client, lambda m: m.get("type") == "pong", "a pong")
            client.send("this is no JSON")
            _hear(client, _is_refusal("INVALID_PARAMETER"), "a refusal of what is no JSON")
        finally:
            left.set()
            client.close()
            pumping.join(PATIENCE_S)
    with connect(host.websocket, open_timeout=PATIENCE_S, proxy=None) as client:
        _say(client, {"action": "subscribe", "service": "/health"})
        _hear(client, lambda m: m.get("status") == "healthy", "what a path answers")
        client.send("x" * 70_000)
        _hear(client, _is_refusal("PAYLOAD_TOO_LARGE"), "a refusal of too much")
        _closed(client)


def _refused(host: Offline) -> None:
    try:
        with connect(f"{host.websocket}?channel=nosuch", open_timeout=PATIENCE_S, proxy=None):
            raise Failed("round trip: a channel that there is not is accepted")
    except InvalidStatus as refusal:
        if refusal.response.status_code != 400:
            raise Failed(f"round trip: {refusal} for a channel that there is not") from None


def _pump(host: Offline, left: threading.Event) -> None:
    """Call the pump as the clock does, but at once and again: here a call lasts some seconds,
    whatever time its function has, and the first may be over when the function has started."""
    url = f"{host.functions}/2015-03-31/functions/{STACK}-socket_pump/invocations"
    while not left.is_set():
        httpx.post(url, json=schedule_event(), trust_env=False, timeout=PUMP_WITHIN_S)
        left.wait(0.5)


def _say(client: ClientConnection, message: Any) -> None:
    client.send(json.dumps(message))


def _hear(
    client: ClientConnection,
    wanted: Callable[[Any], bool],
    what: str,
    patience_s: float = PATIENCE_S,
) -> Any:
    """The next message of a kind; others may come before it."""
    end = time.monotonic() + patience_s
    heard = []
    try:
        while (left_s := end - time.monotonic()) > 0:
            heard.append(json.loads(client.recv(timeout=left_s)))
            if wanted(heard[-1]):
                return heard[-1]
    except (TimeoutError, ConnectionClosed) as error:
        heard.append(type(error).__name__)
    raise Failed(f"round trip: {what} does not come; heard was {str(heard)[-600:]}")


def _closed(client: ClientConnection) -> None:
    try:
        while True:
            client.recv(timeout=PATIENCE_S)
    except ConnectionClosed:
        return
    except TimeoutError:
        raise Failed("round trip: a message that is too large does not end it") from None


def _is_price(message: Any) -> bool:
    return bool(message.get("channel") == "ticker" and message.get("data", {}).get("price", 0) > 0)


def _is_refusal(code: str) -> Callable[[Any], bool]:
    return lambda message: bool(message.get("error", {}).get("code") == code)
