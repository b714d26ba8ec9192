"""What schemathesis calls a failure and the contract calls right. Each has its reason; each is
counted by it, so that none hides a finding of another kind."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from schemathesis import Case, Response
from schemathesis.core.failures import Failure

CROSS_FIELD: Final = frozenset(
    {"until", "to", "from", "since", "offset", "days", "address", "text"}
)
"""Fields that are judged by others: ranges, a page behind the last, an address of another chain."""

BY_SOURCE: Final = frozenset({"currency", "convert", "resolution", "source", "symbol", "symbols"})
"""Fields of which only a source, or the asked symbol, can say what exists."""


class Told(NamedTuple):
    """A failure as it is judged."""

    kind: str
    case: Case[Any]
    status: int
    code: str
    details: Mapping[str, Any]


SPENT: Final = frozenset({"quota_spent", "circuit_open", "throttled", "no_key", "timeout"})
NOTHING_KEPT: Final = "Every source failed and nothing was kept"
"""What a composed answer says of a part, whose own sources it does not list."""


def _unavailable(told: Told) -> bool:
    """A source's quota used up by the questions themselves, or too busy a machine."""
    if told.kind != "ServerError" or told.status != 503:
        return False
    reasons = {*_values(told.details.get("sources")), *told.details.keys()}
    known = bool(reasons & {*SPENT, NOTHING_KEPT, "newest"})
    return told.code == "NOT_CONFIGURED" or (told.code == "UPSTREAM_UNAVAILABLE" and known)


def _late(told: Told) -> bool:
    """A busy machine: the deadline passed, and the reply says so."""
    return told.kind == "ServerError" and told.status == 504 and told.code == "TIMEOUT"


def _values(sources: Any) -> list[Any]:
    return list(sources.values()) if isinstance(sources, Mapping) else []


def _cross_field(told: Told) -> bool:
    fields = {field.get("field") for field in told.details.get("fields", ())}
    return told.kind == "RejectedPositiveData" and (
        told.code in ("RANGE_TOO_LARGE", "INSUFFICIENT_DATA")
        or bool(fields and fields <= CROSS_FIELD)
    )


def _by_source(told: Told) -> bool:
    if told.case.operation.path == "/api/admin/faults":
        return told.kind == "RejectedPositiveData"
    fields = {field.get("field") for field in told.details.get("fields", ())}
    return told.kind == "RejectedPositiveData" and bool(fields and fields <= BY_SOURCE)


def _repeated(told: Told) -> bool:
    """The last of a repeated parameter counts, and an empty one is absent."""
    query = told.case.query or {}
    return told.kind == "AcceptedNegativeData" and any(
        isinstance(value, list | dict) or value in ("", None) for value in query.values()
    )


def _apart(told: Told) -> bool:
    """UDF's quotes answer for each symbol by itself: `"s": "error"` for what is none."""
    return told.kind == "AcceptedNegativeData" and told.case.operation.path == "/udf/quotes"


REASONS: Final[Mapping[str, Callable[[Told], bool]]] = {
    "a source's quota is used up or it is late, and the reply says so": _unavailable,
    "the deadline passed on a busy machine, and the reply says so": _late,
    "a rule between fields, which a schema of each field cannot say": _cross_field,
    "only a source can say what exists under this name": _by_source,
    "each symbol has an answer of its own": _apart,
    "of a repeated parameter the last counts, an empty one is absent": _repeated,
}


def reason(failure: Failure, case: Case[Any], response: Response) -> str | None:
    """Why this failure is none; `None` for a finding."""
    code, details = _error_of(response)
    told = Told(type(failure).__name__, case, response.status_code, code, details)
    return next((why for why, holds in REASONS.items() if holds(told)), None)


def _error_of(response: Response) -> tuple[str, Mapping[str, Any]]:
    try:
        error = json.loads(response.content)["error"]
        return str(error["code"]), dict(error["details"])
    except (ValueError, LookupError, TypeError):
        return "", {}
