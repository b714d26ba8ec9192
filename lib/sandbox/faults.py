"""Providers that misbehave on request: one fault a provider, changeable while the app runs."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FAULTS: Final = {
    "hang": "no answer for a minute",
    "refuse": "the connection is closed without an answer",
    "truncated": "half of the body",
    "html": "an HTML page with status 200",
    "shape": "JSON of another shape",
    "empty": "an empty list or object",
    "zero": "every price and amount is 0",
    "nan": "every price and amount is NaN",
}
"""The faults beside HTTP statuses (451, or 429:7 for 429 with Retry-After 7)."""

_HANG_S: Final = 60.0
_PAGE: Final = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>"
)
_SHAPE: Final = b'{"maintenance":true,"message":"Back soon","items":[{"unexpected":1}]}'
_KEPT: Final = frozenset(
    "code error_code status error id symbol name trade_id sequence count decimals limit "
    "intervalNum market_cap_rank rank cmc_rank coin_id score last_updated_at updated_at time "
    "timestamp ts".split()
)
"""Fields that are no price, whatever they look like."""


class Faults:
    """Which provider has which fault."""

    def __init__(self, providers: Iterable[str], initial: Mapping[str, str] | None = None) -> None:
        self.providers = tuple(providers)
        self._now: dict[str, str] = {}
        for provider, fault in (initial or {}).items():
            self.set(provider, fault)

    def set(self, provider: str, fault: str | None) -> None:
        """Give a provider a fault, or take it away with `None`.

        Raises:
            ValueError: there is no such provider or fault; the message says which there are.
        """
        if provider not in self.providers:
            known = ", ".join(self.providers)
            raise ValueError(f"no source {provider!r} in the sandbox; there are: {known}")
        if fault is None:
            self._now.pop(provider, None)
            return
        check_fault(fault)
        self._now[provider] = fault

    def set_all(self, wanted: Mapping[str, str]) -> None:
        """Give several providers a fault, or take it away where it is empty; all or none.

        Raises:
            ValueError: as `set` does; nothing has changed then.
        """
        trial = Faults(self.providers, self._now)
        for provider, fault in wanted.items():
            trial.set(provider, fault or None)
        self._now = trial._now

    def clear(self) -> None:
        """Let every provider behave."""
        self._now.clear()

    def get(self, provider: str) -> str | None:
        """A provider's fault."""
        return self._now.get(provider)

    def all(self) -> dict[str, str]:
        """Every fault by provider."""
        return dict(self._now)


def parse_faults(text: str) -> dict[str, str]:
    """Read `binance=451,kraken=hang`.

    Raises:
        ValueError: a part is no `source=fault`, or there is no such fault.
    """
    faults: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        provider, sign, fault = part.partition("=")
        if not sign:
            raise ValueError(f"{part!r} is no source=fault, such as binance=451")
        check_fault(fault.strip())
        faults[provider.strip()] = fault.strip()
    return faults


def check_fault(fault: str) -> None:
    """Let a known fault pass.

    Raises:
        ValueError: it is none; the message says which there are.
    """
    status, _, wait = fault.partition(":")
    is_status = status.isdecimal() and 400 <= int(status) <= 599
    if fault in FAULTS or (is_status and (not wait or wait.isdecimal())):
        return
    known = " ".join(FAULTS)
    raise ValueError(
        f"no fault {fault!r}; there are: an HTTP status (429, 429:7) or one of {known}"
    )


class FaultMiddleware:
    """Answers in place of a provider that has a fault; the provider is the path's first part."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self.app = app
        self.faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        provider = scope.get("path", "").split("/", 2)[1:2]
        fault = self.faults.get(provider[0]) if provider and scope["type"] == "http" else None
        if fault is None:
            await self.app(scope, receive, send)
        elif fault == "hang":
            await _leave_or_wait(receive)
            await _refuse(receive)
        elif fault == "refuse":
            await _refuse(receive)
        elif fault == "html":
            await _answer(send, 200, _PAGE, "text/html; charset=utf-8")
        elif fault == "shape":
            await _answer(send, 200, _SHAPE)
        elif fault in FAULTS:
            await self._changed(scope, receive, send, fault)
        else:
            status, _, wait = fault.partition(":")
            body = json.dumps({"msg": f"sandbox fault {status}"}).encode()
            await _answer(send, int(status), body, retry_after=wait)

    async def _changed(self, scope: Scope, receive: Receive, send: Send, fault: str) -> None:
        pieces: list[bytes] = []
        start: Message = {}

        async def hold(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
            else:
                pieces.append(message.get("body", b""))

        await self.app(scope, receive, hold)
        body = change_body(b"".join(pieces), fault)
        kept = [(k, v) for k, v in start["headers"] if k.lower() != b"content-length"]
        start["headers"] = [*kept, (b"content-length", str(len(body)).encode())]
        await send(start)
        await send({"type": "http.response.body", "body": body})


def change_body(body: bytes, fault: str) -> bytes:
    """A body, spoilt by `truncated`, `empty`, `zero` or `nan`; XML has no prices to spoil."""
    if fault == "truncated":
        return body[: len(body) // 2]
    if body.startswith(b"<"):
        return b"" if fault == "empty" else body
    payload = json.loads(body)
    if fault == "empty":
        return b"[]" if isinstance(payload, list) else b"{}"
    return json.dumps(_spoil(payload, fault == "nan")).encode()


def _spoil(value: Any, nan: bool) -> Any:
    if isinstance(value, dict):
        return {k: v if k in _KEPT else _spoil(v, nan) for k, v in value.items()}
    if isinstance(value, list):
        return [_spoil(item, nan) for item in value]
    if isinstance(value, str):
        return ("NaN" if nan else "0") if _is_amount(value) else value
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or abs(value) >= 1e9 > 0 == value % 1
    ):
        return value
    return float("nan") if nan else 0


def _is_amount(text: str) -> bool:
    # whole numbers from a thousand million up are times and serial numbers
    if not text.replace(".", "", 1).replace("-", "", 1).isdecimal():
        return False
    return "." in text or abs(int(text)) < 10**9


async def _leave_or_wait(receive: Receive) -> None:
    # a caller who leaves ends the wait
    try:
        async with asyncio.timeout(_HANG_S):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return


async def _refuse(receive: Receive) -> None:
    # ASGI has no word for it: cut uvicorn's own connection where there is one
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("the sandbox refuses this connection")
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(
    send: Send, status: int, body: bytes, kind: str = "application/json", retry_after: str = ""
) -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    if retry_after:
        headers.append((b"retry-after", retry_after.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
