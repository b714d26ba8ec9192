"""A host's answers held against `local_server.py`'s."""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lib.endpoint import Endpoint
from rehearsal.questions import by_other_sources, differences, is_good, question_for, settled
from rehearsal.space import Local, ask

TRIES = 3
AGAIN_S = 11.0
"""An answer that lacks a part because a source was late is kept for ten seconds. On a busy machine
sources are late; whoever lacks the part at every try has lost it otherwise."""

Put = Callable[[], tuple[int, bytes]]
"""Asks a host what an endpoint is asked; status and body."""


def hold(endpoint: Endpoint, put: Put, local: Local, again_s: float = AGAIN_S) -> str:
    """Ask both the same until they agree; how they differ at the last try, empty if they agree."""
    found = ""
    for left in range(TRIES - 1, -1, -1):
        status, body = put()
        found = compare(endpoint, status, body, local.ask(endpoint), last=not left)
        if not found:
            break
        if left and is_degraded(body):
            time.sleep(again_s)
    return found


def hold_all(families: Mapping[str, Sequence[Endpoint]], local: Local, root: str) -> list[str]:
    """Hold every endpoint of a host over HTTP; the problems."""
    problems = []
    for endpoint in (e for endpoints in families.values() for e in endpoints):
        question = question_for(endpoint)

        def put() -> tuple[int, bytes]:
            answer = ask(root, question)  # noqa: B023 - put is used up before the next round
            return answer.status_code, answer.content

        found = hold(endpoint, put, local)
        if found and is_degraded(put()[1]):
            # under the emulator this function has given the whole answer
            sys.stdout.write(f"\n  {endpoint.path}: a source was late at every try …")
        elif found:
            problems.append(f"serverless-offline: {question.target}: {found}")
    return problems


def compare(endpoint: Endpoint, status: int, body: bytes, expected: Any, *, last: bool) -> str:
    """How an answer differs from the server's; empty where it does not."""
    if status != expected.status_code:
        return f"status {status}, the server's is {expected.status_code}: {body[:300]!r}"
    if not is_good(endpoint, status, body):
        return f"status {status}: {body[:300]!r}"
    ours, theirs = settled(body, endpoint), settled(expected.content, endpoint)
    different = differences(ours, theirs)
    if different and last and by_other_sources(ours, theirs):
        sys.stdout.write(f"\n  {endpoint.path}: another source was quicker here …")
        return ""
    return "; ".join(different[:5])


def is_degraded(body: bytes) -> bool:
    """Whether an answer says that it lacks what a source should have given."""
    try:
        answer = json.loads(body)
    except ValueError:
        return False
    meta = answer.get("meta") if isinstance(answer, dict) else None
    return bool(isinstance(meta, dict) and meta.get("degraded"))
