"""Logs: one JSON object a line on standard error, with the request's id, secrets masked."""

import json
import logging
import sys
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any, Final

import msgspec

SHORTEST: Final = 4
"""A shorter secret is not masked: it would turn up by chance in any line."""

SPARSE_S: Final = 60.0

request_id: ContextVar[str] = ContextVar("request_id", default="")

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "color_message",  # uvicorn's, which says the event again for terminals
}


class JsonLines(logging.Formatter):
    """Writes a record's constant event, its extra facts and its request id as one JSON line."""

    converter = staticmethod(time.gmtime)

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        # as JSON writes them, the longest first: one may hold another
        written = {_json(secret)[1:-1] for secret in secrets if len(secret) >= SHORTEST}
        self._secrets = sorted(written, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if identity := request_id.get():
            line["request_id"] = identity
        line |= {k: v for k, v in vars(record).items() if k not in _STANDARD}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        text = _json(line)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def _json(line: Any) -> str:
    try:
        return msgspec.json.encode(line, enc_hook=str).decode()
    except UnicodeError:  # half of a surrogate pair, from a file name or the like
        text = json.dumps(line, default=str, ensure_ascii=False)
        return text.encode(errors="backslashreplace").decode()  # in JSON such an escape is the half


class Sparse(logging.Filter):
    """Lets a warning pass once a minute; the next one says how many were left out.

    For loggers whose warnings callers cause as often as they like, and which say the same each
    time.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._left_out: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        if record.levelno != logging.WARNING:
            return True
        now_s = self._monotonic()
        until_s, count = self._left_out.get(record.msg, (now_s, 0))
        if now_s < until_s:
            self._left_out[record.msg] = (until_s, count + 1)
            return False
        if count:
            record.left_out = count
        self._left_out[record.msg] = (now_s + SPARSE_S, 0)
        return True


def set_up_logging(level: str, secrets: Iterable[str] = ()) -> None:
    """Send all logs of the process to standard error as JSON lines."""
    formatter = JsonLines(secrets)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # uvicorn tells of each socket with its address and query, at debug with its keys
    for noisy in ("httpx", "httpcore", "asyncio", "uvicorn.access", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").filters[:] = [Sparse()]  # each request that is none
