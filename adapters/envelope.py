"""Errors as callers see them: the envelope, or a problem document when they ask for one."""

import json
import re
from typing import Final

from lib.errors import ApiError

ENVELOPE, PROBLEM = "application/json", "application/problem+json"


def render_error(
    error: ApiError, now_ms: int, request_id: str, accept: str = ""
) -> tuple[bytes, str]:
    """The body and its media type: RFC 9457 if `Accept` names it, else the envelope."""
    details = {**error.details, "request_id": request_id} if error.status >= 500 else error.details
    if _names_problem(accept):
        problem = {
            "type": f"urn:dreammaker:error:{error.code.lower()}",
            "title": error.code.replace("_", " ").capitalize(),
            "status": error.status,
            "detail": error.message,
            "code": error.code,
            "details": details,
            "timestamp": now_ms,
        }
        return json.dumps(problem, default=str).encode(), PROBLEM
    envelope = {
        "success": False,
        "error": {"code": error.code, "message": error.message, "details": details},
        "timestamp": now_ms,
    }
    return json.dumps(envelope, default=str).encode(), ENVELOPE


def _names_problem(accept: str) -> bool:
    ranges = accept.lower().replace(" ", "").split(",")
    return any(r.split(";")[0] == PROBLEM and not _REFUSED.search(r) for r in ranges)


_REFUSED: Final = re.compile(r";q=0(\.0*)?$")
