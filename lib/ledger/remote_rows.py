"""How records lie in Redis: the hash of a day, its parts, and the scripts that set them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from lib.ledger.book import Rows
from lib.ledger.records import ForecastRecord, Outcome, Record, SignalRecord
from lib.timeframes import DAY_MS

KINDS: Final[dict[str, type[ForecastRecord] | type[SignalRecord]]] = {
    "forecasts": ForecastRecord,
    "signals": SignalRecord,
}

# One script a batch: a caller that dies has written all of it or nothing.
WRITE: Final = """
for i = 4, #ARGV, 4 do
  local id = ARGV[i]
  if redis.call('HSETNX', KEYS[3], 'r:' .. id, ARGV[i + 2]) == 1 then
    redis.call('ZADD', KEYS[2], ARGV[i + 1], ARGV[1] .. ':' .. id)
  end
  if ARGV[i + 3] ~= '' then redis.call('HSETNX', KEYS[3], 'u:' .. id, ARGV[i + 3]) end
end
redis.call('ZADD', KEYS[1], ARGV[1], KEYS[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[2])
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ARGV[3]) end
return 1
"""

# Without its record an outcome would be a hash that nothing lets run out.
SCORE: Final = """
for i = 2, #ARGV, 2 do
  if redis.call('HEXISTS', KEYS[2], 'r:' .. ARGV[i]) == 1 then
    redis.call('HSETNX', KEYS[2], 'o:' .. ARGV[i], ARGV[i + 1])
  end
  redis.call('ZREM', KEYS[1], ARGV[1] .. ':' .. ARGV[i])
end
return 1
"""

_encode = msgspec.json.encode
_ends = msgspec.json.Decoder(tuple[Outcome, float])
_number = msgspec.json.Decoder(float)


def by_day(records: Iterable[Record]) -> dict[tuple[str, str, int], list[Record]]:
    """Records by the world, kind and day that name their hash."""
    groups: dict[tuple[str, str, int], list[Record]] = defaultdict(list)
    for record in records:
        kind = "forecasts" if isinstance(record, ForecastRecord) else "signals"
        groups[record.world, kind, record.origin_ms // DAY_MS].append(record)
    return groups


def words_of(record: Record) -> list[str | int]:
    """A record as the script takes it: its P(up) apart, since it may come later."""
    up = ""
    if isinstance(record, ForecastRecord) and record.probability_up is not None:
        up = _encode(record.probability_up).decode()
        record = msgspec.structs.replace(record, probability_up=None)
    return [record.id, record.due_ms, _encode(record).decode(), up]


def outcome_of(record: Record) -> str:
    """What became of a record, as JSON."""
    if isinstance(record, ForecastRecord):
        return _encode(record.outcome).decode()
    return _encode((record.outcome, record.realized_r)).decode()


def read_record(kind: str, body: Any, up: Any, outcome: Any) -> Record | None:
    """A record from its parts; `None` where it has run out."""
    if body is None:
        return None
    row = msgspec.json.decode(body, type=KINDS[kind])
    if isinstance(row, ForecastRecord):
        return msgspec.structs.replace(
            row,
            probability_up=None if up is None else _number.decode(up),
            outcome=None if outcome is None else _number.decode(outcome),
        )
    if outcome is None:
        return row
    end, gain = _ends.decode(outcome)
    return msgspec.structs.replace(row, outcome=end, realized_r=gain)


def read_hashes(names: Sequence[str], replies: Sequence[Any]) -> list[Record]:
    """Every record of these days' hashes."""
    rows = []
    for name, reply in zip(names, replies, strict=True):
        fields = _fields(reply)
        ids = (field[2:] for field in fields if field.startswith("r:"))
        kind = name.split(":")[3]
        parts = ((fields.get(f"{mark}:{one}") for mark in "ruo") for one in ids)
        rows += [row for part in parts if (row := read_record(kind, *part))]
    return rows


def by_kind(rows: Iterable[Record]) -> Rows:
    """Forecasts and signals apart, each in the order given."""
    forecasts: list[ForecastRecord] = []
    signals: list[SignalRecord] = []
    for row in rows:
        if isinstance(row, ForecastRecord):
            forecasts.append(row)
        else:
            signals.append(row)
    return forecasts, signals


def text_of(value: Any) -> str:
    """A reply's text, whichever client read it."""
    return value.decode() if isinstance(value, bytes) else str(value)


def days_key(world: str) -> str:
    """Which days there are."""
    return f"v1:ledger:{world}:days"


def due_key(world: str, kind: str) -> str:
    """What has no outcome yet."""
    return f"v1:ledger:{world}:{kind}:due"


def hash_key(world: str, kind: str, day: int) -> str:
    """The records of a day."""
    return f"v1:ledger:{world}:{kind}:{day}"


def _fields(reply: Any) -> dict[str, Any]:
    """A hash: clients make a mapping of it, or leave it as names and values in turn."""
    if isinstance(reply, Mapping):
        return {text_of(name): value for name, value in reply.items()}
    return {text_of(name): value for name, value in zip(reply[::2], reply[1::2], strict=True)}
