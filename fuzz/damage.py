"""What goes wrong with a sound answer: values vanish, come twice, change type or become absurd;
bytes flip, repeat and break off.

A kind of damage is three whole numbers, so that hypothesis can shrink what it found to a single
wrong value.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from hypothesis import strategies as st

Damage: TypeAlias = tuple[int, int, int]
"""Which kind, where, and what instead."""


class Token(str):
    """JSON as it shall be written, sound or not."""

    __slots__ = ()


class Members(list[tuple[str, Any]]):
    """An object's members in order; a name may come twice."""


DEEP: Final = 5000

TOKENS: Final = tuple(
    Token(text)
    for text in (
        "null", "true", "false", "[]", "{}", "[[]]", "[null]", '[""]', '""', "0", "-0", "-1", "1",
        "0.0", "-0.0", "0.5", "1e308", "-1e308", "1e-320", "5e-324", "1e999", "-1e999", "NaN",
        "Infinity", "-Infinity", "1e30", "1" + "0" * 30, "1" + "0" * 400, "9" * 19, "18446744073709551616",
        "9223372036854775807", "-9223372036854775809", "1.7976931348623159e308", "01", "+1", "1.",
        '"nan"', '"inf"', '"-inf"', '"Infinity"', '"1e999"', '"0"', '"-1"', '"1_000"', '" 7"', '"0x1f"',
        '"\\u0661\\u0662"', '"1e5"', '"x"', '"BTC-USDT"', '"BTCUSDT"', '"-"', '"/"', '"USDT"', '"\\ud800"',
        '"\\u0000"', '"a\\r\\nSet-Cookie: b=c"', '"\\u001b[31m"', '"\\u202e"', '"9999-12-31T23:59:59Z"',
        '"0001-01-01T00:00:00+23:59"', '"2024-01-01T00:00:00Z"', '"<script>alert(1)</script>"',
        '"javascript:alert(1)"', '"https://[::1"', '"//evil.example"', '"\U0001f415"', '"\\u00df-USDT"',
        '"' + "a" * 3000 + '"', "[" * DEEP + "]" * DEEP, '{"a":' * DEEP + "1" + "}" * DEEP, "[" * DEEP,
        '"0x"', '"0x' + "f" * 64 + '"', '"0x' + "f" * 65 + '"', '"0x-1"', '"__proto__"',
    )
)  # fmt: skip
"""What stands where something else belongs."""

PIECES: Final = (
    b"", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\xaf", b"\xef\xbb\xbf", b"\r\n", b",", b":", b'"', b"\\",
    b"{", b"[", b"}", b"]", b"NaN", b"1e999", b"<", b">", b"&", b"&a;", b"&#0;", b"&#xFFFFFFF;", b"&#55296;",
    b"]]>", b"<![CDATA[", b"<!--", b"<?xml version='1.0' encoding='utf-16'?>", b"<item>", b"</item>",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'>", b"<a " + b"b='c' " * 50,
    b"<x>" * 60, b"encoding='punycode'", b"encoding='idna'", b"encoding='utf-7'",
)  # fmt: skip
"""What stands between the bytes of a body."""


class Place(NamedTuple):
    """Where a value stands."""

    holder: list[Any]
    at: int


def bodies(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Sound bodies with one to four kinds of damage done to them.

    All of it is one draw, which is half the work of many and shrinks as well: fewer bytes are
    less damage, and zeros are the first value at the first place.
    """

    def made(drawn: bytes) -> bytes:
        return damaged(seeds[drawn[0] % len(seeds)], _damages(drawn[1:]))

    return st.binary(min_size=1 + _SIZE, max_size=1 + 4 * _SIZE).map(made)


_SIZE: Final = 7  # bytes of one kind of damage: which, where, what


def _damages(drawn: bytes) -> list[Damage]:
    pieces = [drawn[at : at + _SIZE] for at in range(0, len(drawn) - _SIZE + 1, _SIZE)]
    return [
        (piece[0] % 20, int.from_bytes(piece[1:4], "big"), int.from_bytes(piece[4:], "big"))
        for piece in pieces
    ]


def damaged(body: bytes, damages: Sequence[Damage]) -> bytes:
    """The body with this damage; what is no JSON is damaged as bytes only."""
    values = [one for one in damages if one[0] < len(_OF_VALUES) * 2]
    try:
        root: list[Any] = [_read(body)]
    except ValueError:
        root = []
        values = []
    for kind, where, what in values:
        places = _places(root)
        _OF_VALUES[kind % len(_OF_VALUES)](places[where % len(places)], where, what)
    made = _write(root[0]).encode("utf-8", "surrogatepass") if root else body
    for kind, where, what in damages:
        if not root or kind >= len(_OF_VALUES) * 2:
            made = _OF_BYTES[kind % len(_OF_BYTES)](made, where % (len(made) + 1), what)
    return made


def small(body: bytes, most: int = 4, most_members: int = 45) -> bytes:
    """A JSON body with a few rows of each list, and of each long object."""

    def cut(value: Any) -> Any:
        if isinstance(value, Members):
            kept = value if len(value) <= most_members else value[:most]
            return Members((name, cut(inner)) for name, inner in kept)
        if not isinstance(value, list):
            return value
        rows = any(isinstance(inner, list) for inner in value)
        return [cut(inner) for inner in value[: most if rows else 12]]

    try:
        return _write(cut(_read(body))).encode()
    except ValueError:
        return body


def _read(body: bytes) -> Any:
    return json.loads(body, object_pairs_hook=Members, parse_float=Token, parse_int=Token)


def _write(value: Any) -> str:
    if isinstance(value, Token):
        return value
    if isinstance(value, Members):
        return "{" + ",".join(f"{json.dumps(name)}:{_write(v)}" for name, v in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_write, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _places(holder: list[Any]) -> list[Place]:
    """Every value inside, the outermost first."""
    found = [Place(holder, 0)]
    for holder, at in found:  # grows while it is walked
        value = holder[at][1] if isinstance(holder, Members) else holder[at]
        if isinstance(value, list):
            found.extend(Place(value, i) for i in range(len(value)))
    return found


def _value(place: Place) -> Any:
    found = place.holder[place.at]
    return found[1] if isinstance(place.holder, Members) else found


def _set(place: Place, value: Any) -> None:
    if isinstance(place.holder, Members):
        value = (place.holder[place.at][0], value)
    place.holder[place.at] = value


def _odd(place: Place, _where: int, what: int) -> None:
    _set(place, TOKENS[what % len(TOKENS)])


def _number(place: Place, where: int, what: int) -> None:
    """A number of another size or sign, in a string or not as before."""
    value = _value(place)
    digits = str(value)
    try:
        float(digits)
    except ValueError:
        digits = str(what)
    ending = (f"e{what % 700 - 350}", "0" * (what % 90), f"{what}" * (what % 9), "")[what % 4]
    made = ("-" if where % 5 == 0 else "") + digits.lstrip("-").partition("e")[0] + ending
    _set(place, made if isinstance(value, str) and not isinstance(value, Token) else Token(made))


def _dropped(place: Place, _where: int, _what: int) -> None:
    if len(place.holder) > 1 or place.at:
        del place.holder[place.at]


def _twice(place: Place, _where: int, what: int) -> None:
    """The member or the row again, the second time perhaps with another value."""
    if not place.holder:
        return
    place.holder.insert(place.at, place.holder[place.at])
    if what % 2:
        _set(place, TOKENS[what % len(TOKENS)])


def _boxed(place: Place, _where: int, what: int) -> None:
    """The value in a list, in an object, or as a text."""
    value = _value(place)
    _set(place, ([value], Members([("a", value)]), _write(value), Token(f"[{_write(value)}")) [what % 4])  # fmt: skip


def _swapped(place: Place, _where: int, what: int) -> None:
    """Two neighbours change places."""
    holder = place.holder
    other = what % len(holder)
    mine, theirs = _value(place), _value(Place(holder, other))
    _set(place, theirs)
    _set(Place(holder, other), mine)


def _trailed(place: Place, where: int, what: int) -> None:
    """A text, or a name, with something behind or before it that is hard to see."""
    mark = ("\n", " ", "\x00", "\u200b", "\r\n", "\t", "=", "\u00c4")[what % 8]
    value = _value(place)
    if isinstance(place.holder, Members) and where % 2:
        name = place.holder[place.at][0]
        place.holder[place.at] = (name + mark if what % 3 else mark + name, value)
    elif isinstance(value, str) and not isinstance(value, Token):
        _set(place, value + mark if what % 3 else mark + value)


_OF_VALUES: Final[tuple[Callable[[Place, int, int], None], ...]] = (
    _odd, _number, _dropped, _twice, _boxed, _swapped, _trailed, _number,
)  # fmt: skip


def _flipped(body: bytes, at: int, what: int) -> bytes:
    return (
        body[:at] + bytes([body[at] ^ (what % 255 + 1)]) + body[at + 1 :] if at < len(body) else b""
    )


def _put_in(body: bytes, at: int, what: int) -> bytes:
    return body[:at] + PIECES[what % len(PIECES)] + body[at:]


def _put_over(body: bytes, at: int, what: int) -> bytes:
    return body[:at] + PIECES[what % len(PIECES)] + body[at + what % 40 :]


def _cut_off(body: bytes, at: int, _what: int) -> bytes:
    return body[:at]


def _taken_out(body: bytes, at: int, what: int) -> bytes:
    return body[:at] + body[at + what % 60 :]


def _repeated(body: bytes, at: int, what: int) -> bytes:
    return body[: at + what % 200] + body[at:]


_OF_BYTES: Final[tuple[Callable[[bytes, int, int], bytes], ...]] = (
    _flipped, _put_in, _put_over, _cut_off, _taken_out, _repeated,
)  # fmt: skip
