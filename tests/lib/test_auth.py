"""API keys and their holders."""

import subprocess
import sys
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.auth import KeyRing, Principal, main, mint_key, parse_keys

ALICE, BOB = "dm_alice-key", "dm_bob-key"
HASHES = {key: sha256(key.encode()).hexdigest() for key in (ALICE, BOB)}
ALICE_IN, BOB_IN = Principal("alice"), Principal("bob")


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing(parse_keys(f"alice:{HASHES[ALICE]},bob:{HASHES[BOB]}"))


@pytest.mark.parametrize(
    ("authorization", "x_api_key", "holder"),
    [
        (f"Bearer {ALICE}", None, ALICE_IN),
        (f"bearer  {BOB} ", None, BOB_IN),
        (f"BEARER {BOB}", None, BOB_IN),
        (None, ALICE, ALICE_IN),
        (None, f" {ALICE} ", ALICE_IN),
        ("Bearer ", BOB, BOB_IN),
        ("Bearer unknown", BOB, BOB_IN),
        (f"Basic {BOB}", ALICE, ALICE_IN),
        (f"Bearer {ALICE}", BOB, ALICE_IN),
    ],
)
def test_a_known_key_names_its_holder(
    ring: KeyRing, authorization: str | None, x_api_key: str | None, holder: Principal
) -> None:
    assert ring.principal(authorization, x_api_key) == holder


@pytest.mark.parametrize(
    ("authorization", "x_api_key"),
    [
        (None, None),
        ("", ""),
        ("Bearer", None),
        ("Bearer ", " "),
        ("Bearer null", "undefined"),
        (f"Basic {ALICE}", None),
        (ALICE, None),
        (f"Bearer {ALICE} {ALICE}", None),
        (f"Bearer {ALICE.upper()}", None),
        (f"Bearer {HASHES[ALICE]}", HASHES[BOB]),
        ("Bearer " + "k" * 513, "k" * 100_000),
        ("Bearer \udcff", "clé"),
    ],
)
def test_without_a_known_key_a_caller_is_anonymous(
    ring: KeyRing, authorization: str | None, x_api_key: str | None
) -> None:
    assert ring.principal(authorization, x_api_key) is None


@given(st.text(), st.text())
def test_no_text_breaks_it(authorization: str, x_api_key: str) -> None:
    ring = KeyRing({HASHES[ALICE]: "alice"})

    assert ring.principal(authorization, x_api_key) is None


def test_a_key_of_512_characters_is_the_longest_known() -> None:
    keys = ["k" * 512, "k" * 513]
    ring = KeyRing({sha256(key.encode()).hexdigest(): "alice" for key in keys})

    assert [ring.principal(None, key) for key in keys] == [ALICE_IN, None]


def test_an_empty_ring_knows_nobody() -> None:
    assert KeyRing(parse_keys("")).principal(f"Bearer {ALICE}", ALICE) is None


def test_a_holder_may_have_two_keys_while_changing_them() -> None:
    ring = KeyRing(parse_keys(f"alice:{HASHES[ALICE]},alice:{HASHES[BOB]}"))

    assert [ring.principal(None, key) for key in (ALICE, BOB)] == [ALICE_IN, ALICE_IN]


def test_blanks_capitals_and_empty_entries_are_read() -> None:
    text = f" alice : {HASHES[ALICE].upper()} ,\n, bob:{HASHES[BOB]},"

    assert parse_keys(text) == {HASHES[ALICE]: "alice", HASHES[BOB]: "bob"}


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("dm_a-secret-key", "64 hexadecimal digits"),
        ("alice:dm_a-secret-key", "64 hexadecimal digits"),
        (f"alice:{HASHES[BOB]}0", "64 hexadecimal digits"),
        (f"alice:{HASHES[BOB][1:]}", "64 hexadecimal digits"),
        (f"alice:x:{HASHES[BOB]}", "64 hexadecimal digits"),
        (f":{HASHES[BOB]}", "the name before ':'"),
        (f"al ice:{HASHES[BOB]}", "the name before ':'"),
        (f"{'a' * 65}:{HASHES[BOB]}", "the name before ':'"),
        (f"carol:{HASHES[ALICE]}", "twice"),
    ],
)
def test_a_bad_entry_is_named_by_its_position_only(entry: str, complaint: str) -> None:
    with pytest.raises(ValueError, match="API_KEYS, entry 2: ") as raised:
        parse_keys(f"alice:{HASHES[ALICE]},{entry}")

    message = str(raised.value)
    assert complaint in message
    assert not [part for part in entry.split(":") if len(part) > 5 and part in message]
    assert HASHES[ALICE] not in message


def test_a_ring_shows_no_hashes(ring: KeyRing) -> None:
    assert (repr(ring), str(ring), len(ring)) == ("KeyRing(2 keys)", "KeyRing(2 keys)", 2)


def test_a_minted_key_is_known_by_its_hash() -> None:
    key, digest = mint_key()
    ring = KeyRing(parse_keys(f"alice:{digest}"))

    assert key.startswith("dm_")
    assert len(key) == len("dm_") + 43  # 256 bits at 6 a character
    assert ring.principal(f"Bearer {key}", None) == ALICE_IN


def test_no_two_minted_keys_are_alike() -> None:
    assert len({mint_key() for _ in range(100)}) == 100


def test_the_command_prints_a_key_and_the_entry_that_knows_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lib.auth", "alice"], capture_output=True, text=True, check=True
    )

    key, entry = (line.split(": ")[1].strip() for line in done.stdout.splitlines())
    assert KeyRing(parse_keys(entry)).principal(None, key) == ALICE_IN


@pytest.mark.parametrize("arguments", [[], ["alice", "bob"], ["a:b"], [""], ["--list"]])
def test_the_command_says_how_it_is_used(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2

    out, err = capsys.readouterr()
    assert (out, err.startswith("usage: python -m lib.auth NAME")) == ("", True)
