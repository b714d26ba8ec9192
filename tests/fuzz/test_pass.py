"""A short pass of the fuzz, the same inputs each time, and that every parser has its part in it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from fuzz import parsers, streams, words
from fuzz.damage import TOKENS, damaged, small
from fuzz.sound import fault
from fuzz.target import Target, Unsound, attempt, of_bodies, try_out
from lib.errors import SourceMalformed
from lib.market import Pair, Ticker, Trade
from lib.wire.binance import parse_bars

ROOT = Path(__file__).resolve().parents[2]
CASES = 15
TARGETS = [*parsers.load_targets(), *streams.load_targets(), *words.load_targets()]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_few_damaged_inputs_raise_only_what_is_documented(target: Target) -> None:
    tried, finding = try_out(target, CASES)

    assert finding is None, str(finding)
    assert tried >= CASES


def parsers_in_the_tree() -> Iterator[str]:
    """`module.function` of each function that reads an upstream's bytes."""
    for package in ("providers", "wire", "streams"):
        for file in sorted((ROOT / "lib" / package).glob("*.py")):
            for node in ast.parse(file.read_text()).body:
                if isinstance(node, ast.FunctionDef) and node.name.startswith("parse_"):
                    yield f"{file.stem}.{node.name}"


def test_every_parser_is_tried() -> None:
    tried = {target.name.removeprefix("streams.").partition(":")[0] for target in TARGETS}
    inside = {"kraken_names.parse_spelled_out"}  # a step of kraken.parse_exchange

    assert set(parsers_in_the_tree()) - inside <= tried


def test_every_stream_is_tried() -> None:
    streaming = {
        file.stem
        for file in (ROOT / "lib" / "streams").glob("*.py")
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.ClassDef) and node.name.endswith("Stream") and file.stem != "base"
    }

    assert streaming == set(streams.STREAMS)


# the tools themselves find what they are there for


def test_a_target_that_cannot_read_anything_is_no_target() -> None:
    with pytest.raises(ValueError, match="none of 1 beginnings"):
        of_bodies("bars", parse_bars, [b"{}"], (SourceMalformed,))


def test_an_undocumented_error_is_found_and_made_small() -> None:
    def read(body: bytes) -> None:
        if b"NaN" in body:
            raise KeyError("price")

    _, finding = try_out(of_bodies("careless", read, [b'{"price":1,"size":2}'], ()), 2000)

    assert finding is not None
    assert isinstance(finding.error, KeyError)
    assert isinstance(finding.input, bytes)
    assert b"NaN" in finding.input


@pytest.mark.parametrize("price", [0.0, -1.0, float("nan"), float("inf")])
def test_a_price_that_is_none_is_found(price: float) -> None:
    target = of_bodies("careless", lambda _: None, [b"{}"], ())
    absurd = Target("careless", lambda _: Ticker(Pair("A", "B"), price, 1), target.inputs, ())

    with pytest.raises(Unsound, match="last is"):
        attempt(absurd, b"{}")


def test_a_text_with_control_characters_is_found() -> None:
    assert "control characters" in str(fault(Trade("1\r\nX: y", 1, 1.0, 1.0, "buy")))


def test_a_text_that_cannot_be_stored_is_found() -> None:
    assert "cannot be stored" in str(fault(Trade("\ud800", 1, 1.0, 1.0, "buy")))


def test_damage_is_what_its_numbers_say() -> None:
    body = b'{"a":[1,2],"b":"c"}'

    assert damaged(body, [(0, 0, TOKENS.index("NaN"))]) == b"NaN"
    assert damaged(body, [(0, 1, TOKENS.index("NaN"))]) == b'{"a":NaN,"b":"c"}'
    assert damaged(body, [(2, 1, 0)]) == b'{"b":"c"}'


def test_a_body_is_cut_to_a_few_rows_but_rows_stay_whole() -> None:
    body = b'[[1,"2","3","4","5","6"],[2],[3],[4],[5],[6]]'

    assert small(body) == b'[[1,"2","3","4","5","6"],[2],[3],[4]]'
