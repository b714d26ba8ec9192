"""What is inside, as CycloneDX 1.6 in JSON: `make sbom`.

    python -m supply.sbom [FOLDER]

FOLDER/space.json what the image runs, lambda.json and lambda-ai.json what the layers hold,
page.json the page's script, dev.json what tests and checks use, npm.json the Node tools. Each is
validated against the schema; without a change in the locks nothing in it changes.

Takes some seconds. Ends with 0 when all are written.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from lib import VERSION
from lib.command import command
from supply.locks import ROOT, lock

BILLS: Final = {
    "space": "space", "page": "page", "lambda": "light", "lambda-ai": "ai", "dev": "dev",
}  # fmt: skip
"""Lock by bill."""

VERSION_OF_FORMAT: Final = "1.6"


class Invalid(Exception):
    """A bill that its schema does not admit."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write every bill; the process's exit code."""
    parser = command(__doc__)
    default = ROOT / "build" / "sbom"
    parser.add_argument(
        "folder",
        metavar="FOLDER",
        nargs="?",
        type=Path,
        default=default,
        help="default: build/sbom",
    )
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, count in write_bills(folder, list(BILLS)).items():
        sys.stdout.write(f"{folder / name}.json: {count} components\n")
    return 0


def write_bills(folder: Path, names: Sequence[str], *, npm: bool = True) -> dict[str, int]:
    """Write these bills, and npm's; how many components each has.

    Raises:
        Invalid: a bill does not fit its schema.
    """
    made = {name: _of_python(lock(BILLS[name])) for name in names}
    if npm:
        made["npm"] = _of_npm()
    for name, bill in made.items():
        text = json.dumps(bill, indent=1, sort_keys=True) + "\n"
        fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
        if fault is not None:
            raise Invalid(f"{name}: {fault}")
        (folder / f"{name}.json").write_text(text)
    return {name: len(bill["components"]) for name, bill in made.items()}


def _of_python(path: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", str(path)]
    command += ["--output-reproducible", "--sv", VERSION_OF_FORMAT, "--of", "JSON"]
    bill: dict[str, Any] = json.loads(_run(command, ROOT))
    for component in bill["components"]:
        component.pop("description", None)  # the line of the lock, hashes and all, once more
    bill["metadata"]["component"] = _ourselves()
    return bill


def _of_npm() -> dict[str, Any]:
    """npm wants a name and a version, which a folder of tools does not have."""
    with tempfile.TemporaryDirectory(prefix="sbom-") as folder:
        for name in ("package.json", "package-lock.json"):
            told = json.loads((ROOT / name).read_text())
            named = {"name": "dreammaker-tools", "version": VERSION}
            if "packages" in told:
                told["packages"][""] |= named
            Path(folder, name).write_text(json.dumps(told | named))
        shutil.copy(ROOT / ".npmrc", folder)
        command = ["npm", "sbom", "--sbom-format", "cyclonedx", "--package-lock-only"]
        bill: dict[str, Any] = json.loads(_run(command, Path(folder)))
    # made anew in each run; the format asks for neither
    bill.pop("serialNumber", None)
    bill["metadata"].pop("timestamp", None)
    bill["metadata"]["component"]["name"] = "dreammaker-tools"
    bill |= {"specVersion": VERSION_OF_FORMAT, "$schema": _schema()}
    return bill


def _schema() -> str:
    return f"http://cyclonedx.org/schema/bom-{VERSION_OF_FORMAT}.schema.json"


def _ourselves() -> dict[str, str]:
    return {
        "type": "application",
        "name": "dreammaker",
        "version": VERSION,
        "bom-ref": "dreammaker",
    }


def _run(command: Sequence[str], folder: Path) -> str:
    done = subprocess.run(  # noqa: S603 - no caller chooses it
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr[-500:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
