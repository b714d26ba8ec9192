"""Every `python -m …` of the project introduces itself, and `--help` starts nothing."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lib.command import command

ROOT = Path(__file__).parents[1]
PACKAGES = "adapters bench docs drill fuzz lib rehearsal supply train".split()
CHILDREN = {
    "bench.cold_process": "nothing may be imported before its clock runs",
    "drill.launch": "its arguments are local_server.py's",
}
"""Started by another command, and by nobody else."""

CHILD = """
import contextlib, io, json, runpy, sys
root, *names = sys.argv[1:]
seen = []
STARTS = ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec", "os.system", "os.mkdir",
          "socket.bind", "socket.connect")

def is_ours(frame):  # some libraries look around when they are imported
    while frame and not frame.f_code.co_filename.startswith("<frozen importlib"):
        if frame.f_code.co_filename.startswith(root) and "/.venv/" not in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False

def watch(event, given):
    writes = event == "open" and given[1] and set(given[1]) & set("wax+")
    if (event in STARTS or writes) and is_ours(sys._getframe(1)):
        seen.append(f"{event} {given}")

sys.addaudithook(watch)
found = {}
for name in names:
    sys.argv, told, code = [name, "--help"], io.StringIO(), "none: it came back"
    seen.clear()
    with contextlib.redirect_stdout(told):
        try:
            runpy.run_module(name, run_name="__main__", alter_sys=True)
        except SystemExit as end:
            code = end.code
    found[name] = {"code": code, "told": told.getvalue(), "started": list(seen)}
print(json.dumps(found))
"""


def commands() -> Iterator[str]:
    """Every module that can be run, by the name that `python -m` takes."""
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        if '\nif __name__ == "__main__":\n' in path.read_text():
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__main__" else parts)
            if name not in CHILDREN:
                yield name


COMMANDS = list(commands())


@pytest.fixture(scope="module")
def asked() -> dict[str, Any]:
    """What each says to `--help`, all in one fresh interpreter."""
    ran = subprocess.run(
        [sys.executable, "-B", "-W", "ignore", "-c", CHILD, str(ROOT), *COMMANDS],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_help_ends_with_0_and_starts_nothing(asked: dict[str, Any], name: str) -> None:
    assert (asked[name]["code"], asked[name]["started"]) == (0, [])


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_how_it_is_called_how_long_it_takes_and_how_it_ends(
    asked: dict[str, Any], name: str
) -> None:
    told = asked[name]["told"]

    assert re.match(rf"usage: python -m {re.escape(name)}(\s|$)", told)
    assert "Takes " in told
    assert "Ends\nwith" in told or "Ends with" in told or "until " in told


@pytest.mark.parametrize("name", COMMANDS)
def test_usage_and_options_name_the_same(asked: dict[str, Any], name: str) -> None:
    usage, _, rest = asked[name]["told"].partition("\n\n")
    options = rest.partition("\noptions:\n")[2]

    assert set(re.findall(r"--[a-z-]+", usage)) == set(
        re.findall(r"^  (?:-\w, )?(--[a-z-]+)", options, re.MULTILINE)
    ) - {"--help"}


def test_every_command_that_a_page_names_is_one() -> None:
    pages = [ROOT / "README.md", ROOT / "Makefile", *(ROOT / "docs").rglob("*.md")]
    named = {
        name
        for page in pages
        for name in re.findall(r"-m ([a-z]\w*(?:\.\w+)*)", page.read_text())
        if name.split(".")[0] in PACKAGES
    }

    assert named <= set(COMMANDS)


def test_a_command_says_its_docstring_and_its_usage_once() -> None:
    told = command("Count.\n\n    python -m x [--to 100%]\n\nTo 100 %.\n").format_help()

    assert told.startswith("usage: python -m x [--to 100%]\n\nCount.\n\nTo 100 %.\n\noptions:\n")


@pytest.mark.parametrize("told", [None, "Count.", "python -m x\n\npython -m y"])
def test_a_command_needs_one_paragraph_of_usage(told: str | None) -> None:
    with pytest.raises(ValueError, match="one paragraph of usage"):
        command(told)
