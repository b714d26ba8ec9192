"""Types made from the service's own document, and the client on top of them, as a compiler and a
runtime see them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.examples.conftest import EXAMPLES

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "node_modules"
USES = Path(__file__).with_name("typescript") / "uses.ts"
PATIENCE_S = 60


def find_node() -> str:
    """Node, with the compiler and the generator installed; without them the test is skipped, or
    fails if REQUIRE_SERVERS=1."""
    node = shutil.which("node")
    lacking = [name for name in ("typescript", "openapi-typescript") if not (TOOLS / name).is_dir()]
    if node is None or lacking:
        reason = "node is not installed" if node is None else f"no {lacking}: make node_modules"
        if os.environ.get("REQUIRE_SERVERS") == "1":
            pytest.fail(f"REQUIRE_SERVERS=1, but {reason}")
        pytest.skip(reason)
    return node


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, root: str) -> Path:
    """A front end's folder: the client, and types of the service that runs."""
    node = find_node()
    made = tmp_path_factory.mktemp("typescript")
    for source in EXAMPLES.joinpath("typescript").iterdir():
        shutil.copy(source, made)
    generator = TOOLS / "openapi-typescript" / "bin" / "cli.js"
    subprocess.run(
        [node, str(generator), f"{root}/openapi.json", "-o", "schema.d.ts"],
        cwd=made,
        check=True,
        capture_output=True,
        timeout=PATIENCE_S,
    )
    return made


def run_node(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script of Node's."""
    return subprocess.run(
        [find_node(), *words], cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S
    )


def test_the_client_compiles_and_the_example_runs(folder: Path, root: str) -> None:
    compiled = run_node(str(TOOLS / "typescript" / "bin" / "tsc"), "-p", ".", folder=folder)
    told = run_node("build/example.js", root, folder=folder)

    assert compiled.returncode == 0, compiled.stdout
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert lines[0].startswith("BTC is at ")
    assert "sandbox:" in lines[0]
    assert "23 closed bars of ETH/USDT" in lines[-2]
    assert lines[-1].startswith("refused: 404 INVALID_SYMBOL: ")


def test_the_compiler_lets_right_uses_pass_and_refuses_wrong_ones(folder: Path) -> None:
    shutil.copy(USES, folder)

    compiled = run_node(
        str(TOOLS / "typescript" / "bin" / "tsc"), "-p", ".", "--noEmit", folder=folder
    )

    assert compiled.stdout == ""
