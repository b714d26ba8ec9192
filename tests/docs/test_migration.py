"""The migration guide speaks of paths that there are, and of all that front ends call."""

import re
from pathlib import Path

import pytest

from functions import load_channels, load_endpoints

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "migration.md").read_text()
NAMED = set(re.findall(r"`(?:GET |POST |WS )?(/(?:api|udf|ws|health)[^\s`?$]*)", GUIDE))
HERE = {re.sub(r":\w+\}", "}", endpoint.path) for endpoint in load_endpoints()}
SOCKETS = {channel.path for channel in load_channels()}


def test_every_path_of_the_guide_is_served() -> None:
    named = {path for path in NAMED if not path.endswith("/")}  # the rest is a variable

    assert named - HERE - SOCKETS == {"/udf"}


@pytest.mark.parametrize(
    "path",
    sorted(
        re.sub(r":\w+\}", "}", endpoint.path)
        for endpoint in load_endpoints()
        if endpoint.tag == "Front-end paths" and endpoint.path.startswith("/api")
    ),
)
def test_every_front_end_path_is_in_the_guide(path: str) -> None:
    assert path in NAMED
