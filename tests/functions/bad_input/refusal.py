"""What every refusal of bad input looks like."""

from hashlib import sha256
from typing import Any

from tests.house import Answer

DAY_MS = 86_400_000
KEY = "dm_a-key-of-the-tests"
KEYS = {"API_KEYS": f"tester:{sha256(KEY.encode()).hexdigest()}"}


def refused(answer: Answer, field: str | None = None) -> Any:
    """Check a 400 and return what it says of its fields."""
    assert answer.status == 400, answer
    assert answer.error["code"] == "INVALID_PARAMETER"
    fields = answer.error["details"]["fields"]
    assert field is None or field in [one["field"] for one in fields]
    assert answer.body.isascii()
    for one in fields:
        assert set(one) == {"field", "value", "accepted"}
        assert str(one["value"]).isprintable()
    return fields
