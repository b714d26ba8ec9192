"""What must be true of every HTTP answer, whatever is broken just now."""

import re
import time
from collections.abc import Iterator
from typing import Any, Final

import httpx

from drill.asks import Ask
from drill.record import Log, Record
from drill.truth import Truth

_CODE: Final = re.compile(r"[A-Z][A-Z_]+")
_SLACK_MS: Final = 1500
"""An answer takes its time, and the drill takes its own to read it."""


class Rules:
    """Judges answers by the upstreams' market and by what they say of themselves."""

    def __init__(self, truth: Truth, log: Log) -> None:
        self._truth = truth
        self._log = log

    def judge(self, ask: Ask, reply: httpx.Response, record: Record, now_ms: float | None) -> None:
        """Note what is wrong with an answer; `now_ms` is the time by the server's own clock."""
        for rule, example in _broken(ask, reply, self._truth, now_ms):
            number = reply.headers.get("x-request-id", "no id")
            record.violate(rule, f"{ask.path}: {example} ({number})")
        if reply.status_code >= 500:
            reason = f"{reply.status_code} {ask.path.partition('?')[0]} {reply.text[:160]}"
            record.refusals[reason.split(', "request_id"')[0]] += 1
            if not self._log.dark:
                record.violate("no failure while upstreams are well", reason)


def _broken(
    ask: Ask, reply: httpx.Response, truth: Truth, now_ms: float | None
) -> Iterator[tuple[str, str]]:
    if not reply.headers.get("x-request-id"):
        yield "a request id", "none"
    try:
        body = reply.json()
    except ValueError:
        yield "JSON", f"{reply.status_code} {reply.content[:60]!r}"
        return
    if reply.status_code != 200:
        yield from _bad_refusal(reply, body)
        return
    if not isinstance(body, dict) or body.get("success") is not True:
        yield "no 200 for a failure", reply.text[:120]
        return
    yield from _badly_labelled(ask, reply, body, now_ms)
    try:
        wrong = ask.check(truth, body)
    except (KeyError, TypeError, IndexError) as error:
        yield "the documented body", f"{type(error).__name__} {error}"
        return
    if wrong:
        yield "no invented number", f"{wrong}, from {body['meta']['source']}"


def _bad_refusal(reply: httpx.Response, body: Any) -> Iterator[tuple[str, str]]:
    status = reply.status_code
    error = body.get("error") if isinstance(body, dict) else None
    if (
        not isinstance(error, dict)
        or body.get("success") is not False
        or not isinstance(body.get("timestamp"), int)
        or not _CODE.fullmatch(str(error.get("code")))
        or not isinstance(error.get("message"), str)
        or not isinstance(error.get("details"), dict)
    ):
        yield "the envelope", f"{status} {reply.text[:120]}"
    elif status < 500:
        yield "no refusal of what is sound", f"{status} {error['code']} {error['message']}"
    elif status not in (503, 504):
        yield "no bug", f"{status} {error['code']}"


def _badly_labelled(
    ask: Ask, reply: httpx.Response, body: Any, now_ms: float | None
) -> Iterator[tuple[str, str]]:
    meta, state = body.get("meta"), reply.headers.get("x-cache")
    age = reply.headers.get("age", "")
    if not isinstance(meta, dict) or state not in ("hit", "miss", "stale") or not age.isdecimal():
        yield "provenance", f"x-cache {state}, age {age}, meta {meta}"
        return
    if now_ms and state != "stale" and now_ms > meta["fresh_until"] + _SLACK_MS:
        late_s = (now_ms - meta["fresh_until"]) / 1000
        yield "stale is labelled", f"{state}, {late_s:.0f} s after it was fresh"
    if now_ms and ask.lag_s is not None:
        real_age_s = time.time() - meta["as_of"] / 1000
        if real_age_s > int(age) + 1 + ask.lag_s:
            yield "age is labelled", f"Age {age}, but {real_age_s:.1f} s old"
        if real_age_s > ask.keep_s + 5:
            yield "nothing too old", f"{real_age_s:.0f} s old"
    if state == "stale" and int(age) > 60 and not meta["degraded"] and ask.lag_s is not None:
        yield "degraded is labelled", f"stale for {age} s, and not degraded"
