"""What each endpoint is asked in the rehearsal, and what of its answer depends on when."""

import json
import time
from collections.abc import Sequence
from math import isclose
from typing import Any, Final, NamedTuple

from adapters.asking import validate
from lib.endpoint import Endpoint
from lib.errors import InvalidParameter
from lib.sandbox.app import PROVIDERS

KEY: Final = "rehearsal-key"

_DAY_MS: Final = 86_400_000
_TODAY_MS: Final = int(time.time()) // 86400 * _DAY_MS

WORDS: Final = {
    "symbol": ("BTC",),
    "symbols": ("BTC,ETH",),
    "pair": ("BTC/USDT",),
    "pairs": ("BTC/USDT,ETH/USDT",),
    "timeframe": ("1h", "7D"),
    "resolution": ("60",),
    "limit": ("5",),
    "address": ("0xde0b295669a9fd93d5f28d9ec85e40f4cb697bae",),
    "text": ("bitcoin rallies to a new high",),
    "from": (str(_TODAY_MS - 10 * _DAY_MS), str((_TODAY_MS - 10 * _DAY_MS) // 1000)),
    "to": (str(_TODAY_MS - _DAY_MS), str((_TODAY_MS - _DAY_MS) // 1000)),
}
"""What is said for a parameter of this name, wherever an endpoint has it and takes it; for others,
the example that they declare."""

MOVING_META: Final = ("fetched_at", "fresh_until")
OF_THE_HOST: Final = ("unrecorded",)
"""A function has no disk for a ledger, and here no store either; the server has a ledger."""
MOVING: Final = ("timestamp", "uptime")
"""Read from the service's own clock, where an answer comes from no source: the sandbox's stands."""

TIMELESS: Final = {"blockchain_gas"}
"""Endpoints whose sources state no time: a node answers what a transaction costs, not when."""


class Question(NamedTuple):
    """A request to one endpoint."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def question_for(endpoint: Endpoint) -> Question:
    """A request that the endpoint can answer in the sandbox."""
    said: dict[str, str] = {}
    fields = endpoint.request.model_fields.items()
    for name, declared in {field.alias or name: field.examples for name, field in fields}.items():
        words = WORDS.get(name) or map(str, declared or ())
        taken = next((word for word in words if _takes(endpoint, name, word)), None)
        if taken:
            said[name] = taken
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


def _takes(endpoint: Endpoint, name: str, word: str) -> bool:
    try:
        validate(endpoint, {}, {name: word}, {})
    except InvalidParameter as refused:
        return all(field["field"] != name for field in refused.details["fields"])
    return True


def is_good(endpoint: Endpoint, status: int, body: bytes) -> bool:
    """Whether an answer is a success, or the refusal of what nobody here can know: a key that is
    not set, sources that the sandbox does not play."""
    sources = {source for feed in endpoint.feeds for source in feed.sources}
    unplayed = bool(sources) and not sources & PROVIDERS.keys()
    missing = b"NOT_CONFIGURED" in body or (unplayed and b"UPSTREAM_UNAVAILABLE" in body)
    return status == 200 or (status == 503 and missing)


OF_ONE_PROCESS = {"ai_performance"}
"""Endpoints that tell of the process that answers, beside those of operations: here its ledger."""

JUDGED_BY_AGE = {"price_consensus"}
"""Endpoints that leave out what is too old: the sandbox's clock stands, while ours goes on."""

SAME = 1e-7
"""Numbers that differ by less than this share are equal: no market number is stated so finely."""


def settled(body: bytes, endpoint: Endpoint) -> Any:
    """An answer without what tells when it was given; of one about the process itself, the shape:
    two processes differ."""
    answer = json.loads(body)
    if endpoint.tag == "Operations" or endpoint.name in OF_ONE_PROCESS:
        return shape(answer)
    if not isinstance(answer, dict):
        return answer
    if endpoint.name in JUDGED_BY_AGE and "quotes" in answer:
        told = ("pair", "price", "bid", "ask")
        return {row["source"]: {name: row[name] for name in told} for row in answer["quotes"]}
    meta = answer.get("meta")
    if isinstance(meta, dict):
        for name in (*MOVING_META, *OF_THE_HOST):
            meta.pop(name, None)
        for attempt in meta.get("sources_tried", ()):
            attempt.pop("ms", None)
        meta.get("sources_tried", []).sort(key=str)  # those asked at once end in any order
        if meta.get("source") not in PROVIDERS or endpoint.name in TIMELESS:
            meta.pop("as_of", None)  # a model's own time is when it was asked
    if not endpoint.feeds or endpoint.name in TIMELESS or answer.get("success") is False:
        for name in MOVING:
            answer.pop(name, None)
    return answer


def shape(answer: Any) -> Any:
    """The names in an answer, and the names of its parts."""
    if isinstance(answer, dict):
        return {name: shape(part) for name, part in answer.items()}
    return [shape(part) for part in answer] if isinstance(answer, list) else "a value"


def by_other_sources(ours: Any, theirs: Any) -> bool:
    """Whether two answers have the same shape and differ because another source was quicker: on a
    busy machine the next one is asked before the first has answered."""
    if not (isinstance(ours, dict) and isinstance(theirs, dict)):
        return False
    metas = [meta for a in (ours, theirs) if isinstance(meta := a.get("meta"), dict)]
    if len(metas) < 2:
        return False
    told = [(meta.pop("source", ""), meta.pop("sources_tried", [])) for meta in metas]
    return told[0] != told[1] and shape(ours) == shape(theirs)


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
    if isinstance(ours, float) and isinstance(theirs, float):
        # another build of numpy adds up in another order
        return [] if isclose(ours, theirs, rel_tol=SAME) else [f"{at}: {ours} ≠ {theirs}"]
    return [] if ours == theirs else [f"{at}: {str(ours)[:80]} ≠ {str(theirs)[:80]}"]
