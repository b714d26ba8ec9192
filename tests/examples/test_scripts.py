"""The examples in curl and Python do what they say."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PATIENCE_S = 30


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    return subprocess.run(
        words,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


@pytest.fixture
def curl() -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")


@pytest.mark.usefixtures("curl")
def test_the_script_asks_and_prints_what_it_is_told(root: str, examples: Path) -> None:
    done = run("bash", str(examples / "curl.sh"), ROOT=root)

    assert done.returncode == 0, done.stderr
    health, price, market, ohlcv, rates, history = map(json.loads, done.stdout.splitlines())
    assert health["status"] == "healthy"
    assert (price["symbol"], price["price"] > 0) == ("BTC", True)
    assert len(market["items"]) == len(ohlcv["data"]) == len(history["t"]) == 3
    assert [row["pair"] for row in rates["rates"]] == ["BTC/USDT", "ETH/USDT"]
    assert done.stderr.splitlines()[-1] == "GET /api/stats, once more: HTTP 304"


@pytest.mark.usefixtures("curl")
def test_the_script_ends_with_the_envelope_of_a_refusal(examples: Path, root: str) -> None:
    done = run("bash", str(examples / "curl.sh"), ROOT=f"{root}/nowhere")

    assert done.returncode != 0
    assert json.loads(done.stdout)["error"]["code"] == "NOT_FOUND"


def test_the_python_client_tells_a_price_a_table_and_a_refusal(root: str, examples: Path) -> None:
    done = run(sys.executable, str(examples / "python_client.py"), root)

    assert done.returncode == 0, done.stderr
    first, *table, last = done.stdout.splitlines()
    assert first.startswith("BTC/USDT is at ")
    assert re.search(r" by sandbox:[a-z]+, \d+ s ago", first)
    assert [line.split()[:2] for line in table[:2]] == [["1", "BTC"], ["2", "ETH"]]
    assert len(table) == 5
    assert last.startswith("404 INVALID_SYMBOL: ")
    assert "DOGE" in last


def test_the_python_client_says_that_nobody_answers(examples: Path) -> None:
    done = run(sys.executable, str(examples / "python_client.py"), "http://127.0.0.1:9")

    assert done.returncode == 1
    assert done.stderr.startswith("Nobody answers (")


def test_the_python_client_needs_nothing_but_python(root: str, examples: Path) -> None:
    done = run(sys.executable, "-I", "-S", str(examples / "python_client.py"), root)

    assert done.returncode == 0, done.stderr
