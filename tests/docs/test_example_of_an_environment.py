"""`.env.example` shows the addresses that are used where none is set."""

import re
from pathlib import Path

import pytest

from lib.runtime import load_providers
from lib.streams import binance, coinbase, kraken, okx

EXAMPLE = (Path(__file__).resolve().parents[2] / ".env.example").read_text(encoding="utf-8")
SHOWN = dict(re.findall(r"^([A-Z0-9_]+_URL)=(\S+)", EXAMPLE, re.MULTILINE))


@pytest.mark.parametrize("name", sorted(load_providers()))
def test_the_address_of_every_provider_is_shown(name: str) -> None:
    address = load_providers()[name].base_url

    assert SHOWN.get(f"{name.upper()}_BASE_URL", "") == address


@pytest.mark.parametrize("stream", [binance, coinbase, kraken, okx], ids=lambda one: one.__name__)
def test_the_address_of_every_stream_is_shown(stream: object) -> None:
    name = str(getattr(stream, "__name__", "")).rpartition(".")[2]

    assert SHOWN[f"{name.upper()}_WS_URL"] == getattr(stream, "URL", None)
