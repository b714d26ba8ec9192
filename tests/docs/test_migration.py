"""The migration guide speaks of paths that there are, and of all that front ends call."""

import re
from pathlib import Path

import pytest

from functions import load_channels, load_endpoints
from tests.functions.front_ends import MARKET_CALLS, STATE_CALLS
from tests.functions.front_ends_told import JUDGED_CALLS, TOLD_CALLS

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "migration.md").read_text()
NAMED = set(re.findall(r"`(?:GET |POST |WS )?(/(?:api|udf|ws|health)[^\s`?$]*)", GUIDE))
HERE = {re.sub(r":\w+\}", "}", endpoint.path) for endpoint in load_endpoints()}
SOCKETS = {channel.path for channel in load_channels()}
STREAMS = {f"/api/stream/{channel.name}" for channel in load_channels()}
CALLED = {
    call.target.partition("?")[0]
    for call in (*MARKET_CALLS, *TOLD_CALLS, *JUDGED_CALLS, *STATE_CALLS)
}


def test_every_path_of_the_guide_is_served() -> None:
    named = {path for path in NAMED if not path.endswith("/")}  # the rest is a variable

    assert named - HERE - SOCKETS - STREAMS == {"/udf"}


@pytest.mark.parametrize("path", sorted(CALLED))
def test_every_path_that_front_ends_call_is_in_the_guide(path: str) -> None:
    patterns = [re.sub(r"\{\w+\}", "[^/]+", name) for name in NAMED]

    assert any(re.fullmatch(pattern, path) for pattern in patterns)


def test_every_socket_and_its_stream_is_in_the_guide() -> None:
    assert SOCKETS | STREAMS <= NAMED
