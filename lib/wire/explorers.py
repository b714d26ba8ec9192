"""What Etherscan answers, and those who answer like it: rows as strings, errors with status 200.

https://docs.etherscan.io/api-reference/endpoint/txlist
"""

import re
from typing import Any, Final, TypeAlias

from msgspec import Raw, Struct, field

from lib.assets import clean_text
from lib.chain import COINS, Kind, Status, Transaction, whole_units
from lib.errors import (
    NoKey,
    SourceError,
    SourceMalformed,
    SourceThrottled,
    SourceUnavailable,
    SourceUnsupported,
    shown,
)
from lib.queries import AddressQuery
from lib.wire.histories import Page
from lib.wire.iso import read_seconds
from lib.wire.typed import wire_decoder

ACTIONS: Final[dict[str, Kind]] = {
    "txlist": "native", "tokentx": "token", "txlistinternal": "internal",
}  # fmt: skip

WEI_DECIMALS: Final = 18
GWEI_DECIMALS: Final = 9

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")

REFUSALS: Final[tuple[tuple[str, type[SourceError], str], ...]] = (
    ("daily rate limit", SourceThrottled, "3600"),
    ("rate limit", SourceThrottled, "1.5"),
    ("calls per sec", SourceThrottled, "1.5"),
    ("not supported for this chain", SourceUnsupported, ""),
    ("unsupported chain", SourceUnsupported, ""),
    ("invalid address", SourceUnsupported, ""),
    ("temporarily unavailable", SourceUnavailable, ""),
    ("api key", NoKey, ""),
)
"""Words in a refusal, and what they mean. Their text is not passed on: it may hold the key."""


def account_params(action: str, query: AddressQuery) -> dict[str, str | int]:
    """The parameters of one list, newest first. No block range: BSC passes the 99,999,999 that
    clients use to write for "the last one"."""
    return {
        "module": "account",
        "action": action,
        "address": query.address,
        "page": 1,
        "offset": query.depth,
        "sort": "desc",
    }


def parse_page(body: bytes, action: str, query: AddressQuery) -> Page:
    """Read one list of an address.

    Raises:
        SourceError: the answer is a refusal, which comes with HTTP 200 too, or no list.
    """
    answer = _read_answer(body)
    if answer.status != "1" and not _says_none(answer):
        raise _refusal(answer)
    rows = _read_list(answer.result)
    kind = ACTIONS[action]
    amounts = [row for row in rows if row is None or not _text(row.serial)]
    read = [_transaction(row, kind, COINS[query.chain]) for row in amounts]
    kept = [row for row in read if row]
    lost = len(read) - len(kept)
    if lost > len(read) / 2:
        raise SourceMalformed(f"{lost} of {len(read)} rows make no sense")
    since_ms = min((row.time_ms for row in kept), default=0) if len(rows) >= query.depth else 0
    return Page([row for row in kept if _moves_something(row)], since_ms, lost)


Text: TypeAlias = str | int | None


class _Answer(Struct):
    status: Text = None
    message: Text = None
    result: Raw = Raw(b"null")


class _Row(Struct):
    hash: Text
    time: Text = field(name="timeStamp")
    sender: Text = field(name="from")
    value: Text = None
    recipient: Text = field(name="to", default=None)
    block: Text = field(name="blockNumber", default=None)
    contract: Text = field(name="contractAddress", default=None)
    gas_price: Text = field(name="gasPrice", default=None)
    gas_used: Text = field(name="gasUsed", default=None)
    is_error: Text = field(name="isError", default=None)
    receipt: Text = field(name="txreceipt_status", default=None)
    type: Text = None
    token: Text = field(name="tokenSymbol", default=None)
    decimals: Text = field(name="tokenDecimal", default=None)
    serial: Text = field(name="tokenID", default=None)  # a collectible: it has no amount


def _read_answer(body: bytes) -> _Answer:
    answer: _Answer = _decode_answer(body)
    answer.status = _text(answer.status)
    return answer


_decode_answer = wire_decoder(_Answer)
_decode_row = wire_decoder(_Row)
_decode_rows = wire_decoder(list[Raw])
_decode_text = wire_decoder(str)


def _text(value: Text) -> str:
    return "" if value is None else str(value).strip()


def _says_none(answer: _Answer) -> bool:
    """An empty list comes as a refusal: "No transactions found", "No token transfers found"."""
    empty = bytes(answer.result).strip() in (b"[]", b"null", b"{}")
    return answer.status == "0" and empty and _text(answer.message).lower().startswith("no ")


def _read_list(result: Raw) -> list[Any]:
    if bytes(result).strip() in (b"null", b"{}"):
        return []
    rows: list[Raw] = _decode_rows(bytes(result))
    read: list[Any] = []
    for raw in rows:
        try:
            read.append(_decode_row(bytes(raw)))
        except SourceMalformed:
            read.append(None)
    return read


def _refusal(answer: _Answer) -> SourceError:
    """What a refusal means. Unknown words count as a failure of the source."""
    try:
        said = _decode_text(bytes(answer.result))
    except SourceMalformed:
        said = ""
    words = f"{_text(answer.message)} {said}".lower()
    if not answer.status:
        return SourceMalformed("no status")
    for phrase, kind, wait_s in REFUSALS:
        if phrase in words:
            return SourceThrottled(phrase, float(wait_s)) if wait_s else kind(phrase)
    return SourceUnavailable(f"refused with status {shown(answer.status, 10)}")


def _transaction(row: _Row | None, kind: Kind, coin: str) -> Transaction | None:
    if row is None:
        return None
    time_ms = read_seconds(_number(row.time))
    decimals = _number(row.decimals) if kind == "token" else WEI_DECIMALS
    amount = whole_units(_text(row.value), decimals) if decimals is not None else None
    token = clean_text(_text(row.token), 32) if kind == "token" else coin
    identity = clean_text(_text(row.hash), 120)
    try:
        sender, recipient = _party(row.sender), _party(row.recipient)
        contract = _party(row.contract)
    except ValueError:
        return None
    if not (time_ms and identity and token and sender) or amount is None:
        return None
    used, price = _number(row.gas_used), _number(row.gas_price)
    priced = kind != "internal"  # an internal call pays by its transaction
    return Transaction(
        hash=identity,
        time_ms=time_ms,
        kind=kind,
        sender=sender,
        recipient=recipient,
        amount=amount,
        token=token,
        status=_status(row, kind),
        contract=contract,
        gas_used=used if priced else None,
        gas_price=whole_units(price, GWEI_DECIMALS) if priced and price is not None else None,
        fee=_fee(used, price) if kind == "native" else None,
        block=_number(row.block),
    )


def _status(row: _Row, kind: Kind) -> Status | None:
    """`isError` where it is told; rows before the Byzantium fork have an empty receipt status.
    A token's row is an event, and what failed leaves none."""
    if kind == "token":
        return "success"
    error, receipt = _text(row.is_error), _text(row.receipt)
    if error == "1" or receipt == "0":
        return "failed"
    return "success" if error == "0" or receipt == "1" else None


def _party(value: Text) -> str | None:
    """An address in small letters, or the word GENESIS; `None` where there is none."""
    text = _text(value)
    if not text:
        return None
    if _ADDRESS.fullmatch(text):
        return text.lower()
    if text == "GENESIS":
        return text
    raise ValueError(text)


def _number(value: Text) -> int | None:
    text = _text(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 78 else None


def _fee(used: int | None, price: int | None) -> float | None:
    return None if used is None or price is None else whole_units(used * price, WEI_DECIMALS)


def _moves_something(row: Transaction) -> bool:
    # an internal call of nothing is no transfer; what makes a contract is worth a row
    return row.kind != "internal" or row.amount > 0 or row.recipient is None
