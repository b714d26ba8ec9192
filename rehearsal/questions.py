"""What each endpoint is asked in the rehearsal, and what of its answer depends on when."""

import json
import time
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from lib.endpoint import Endpoint

KEY: Final = "rehearsal-key"

WORDS: Final = {
    "symbol": "BTC",
    "symbols": "BTC,ETH",
    "pair": "BTC/USDT",
    "pairs": "BTC/USDT,ETH/USDT",
    "timeframe": "1h",
    "limit": "5",
    "text": "bitcoin rallies to a new high",
    "from": str((int(time.time()) // 86400 - 10) * 86_400_000),
    "to": str((int(time.time()) // 86400 - 1) * 86_400_000),
}
"""What is said for a parameter of this name, wherever an endpoint has it."""

MOVING_META: Final = ("fetched_at", "fresh_until")
MOVING: Final = ("timestamp", "uptime")
"""Read from the service's own clock, where an answer comes from no source: the sandbox's stands."""


class Question(NamedTuple):
    """A request to one endpoint."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def question_for(endpoint: Endpoint) -> Question:
    """A request that the endpoint can answer in the sandbox."""
    fields = endpoint.request.model_fields.items()
    names = {field.alias or name for name, field in fields}
    said = {name: word for name, word in WORDS.items() if name in names}
    path = endpoint.path
    for name in list(said):
        for ending in ("", ":path"):
            if f"{{{name}{ending}}}" in path:
                path = path.replace(f"{{{name}{ending}}}", said.pop(name, ""))
    headers = {"authorization": f"Bearer {KEY}"} if endpoint.auth == "key" else {}
    if endpoint.method == "POST":
        headers["content-type"] = "application/json"
        return Question("POST", path, headers, json.dumps(said).encode())
    query = "&".join(f"{name}={word}" for name, word in said.items())
    return Question(endpoint.method, path + (f"?{query}" if query else ""), headers, b"")


def settled(body: bytes, endpoint: Endpoint) -> Any:
    """An answer without what tells when it was given; of one about the process itself, the shape:
    two processes differ."""
    answer = json.loads(body)
    if endpoint.tag == "Operations":
        return shape(answer)
    if not isinstance(answer, dict):
        return answer
    meta = answer.get("meta")
    if isinstance(meta, dict):
        for name in MOVING_META:
            meta.pop(name, None)
        for attempt in meta.get("sources_tried", ()):
            attempt.pop("ms", None)
    if not endpoint.feeds or answer.get("success") is False:
        for name in MOVING:
            answer.pop(name, None)
    return answer


def shape(answer: Any) -> Any:
    """The names in an answer, and the names of its parts."""
    if isinstance(answer, dict):
        return {name: shape(part) for name, part in answer.items()}
    return [shape(part) for part in answer] if isinstance(answer, list) else "a value"


def differences(ours: Any, theirs: Any, at: str = "") -> Sequence[str]:
    """Where two answers differ, as sentences; the first few tell most."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found: list[str] = []
        for name in sorted(ours.keys() | theirs.keys()):
            if name not in ours or name not in theirs:
                found.append(f"{at}.{name} is only in {'one' if name in ours else 'the other'}")
            else:
                found += differences(ours[name], theirs[name], f"{at}.{name}")
        return found
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [d for i, (a, b) in pairs for d in differences(a, b, f"{at}[{i}]")]
    return [] if ours == theirs else [f"{at}: {str(ours)[:80]} ≠ {str(theirs)[:80]}"]
