"""A function's zip: its file, the adapters and the lib that it may need, compiled ahead.

    python -m adapters.deploy.bundle FOLDER NAME[:ai] … [--runtime python3.11]

The task folder is read-only on Lambda, so a zip without compiled modules compiles them at every
cold start. They are marked as unchecked: packagers and unpackers rewrite the times that checked
ones are compared with.

Takes a second a function. Ends with 0, or with 2 if this Python cannot compile for the runtime.
"""

import importlib.util
import py_compile
import sys
import zipfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from lib.command import command

ROOT: Final = Path(__file__).resolve().parents[2]
EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the oldest time that a zip can state

AI_ONLY: Final = ("lib/analysis", "lib/models")
NEVER: Final = (
    "lib/sandbox",
    "lib/command.py",
    "adapters/deploy",
    "adapters/doctor.py",
    "adapters/hf_endpoint.py",
    "adapters/openapi",
    "adapters/pages.py",
    "adapters/web",
)
KINDS: Final = (".py", ".csv", ".json", ".npz", ".npy")
"""What belongs into a zip: modules, and the tables and weights that they load."""


ALONGSIDE: Final = {"socket_pump": "live_*.py", "socket_routes": "live_*.py"}
"""Other files of `functions/` that a function reads: the channels that its sockets carry."""

MADE_AHEAD: Final = {"openapi": ("openapi.json", "document")}
"""Files that a function makes in the Space and cannot make alone, with its function that does."""


def contents(name: str, bundle: str) -> list[Path]:
    """The files of one function, relative to the project."""
    left_out = NEVER if bundle == "ai" else (*NEVER, *AI_ONLY)
    own = [Path("functions/__init__.py"), Path(f"functions/{name}.py")]
    own += [Path("functions") / beside for beside in alongside(name)]
    return [*own, *_files("adapters", left_out), *_files("lib", left_out)]


def alongside(name: str) -> list[str]:
    """The other files of `functions/` that a function's zip has."""
    found = (ROOT / "functions").glob(ALONGSIDE[name]) if name in ALONGSIDE else ()
    return sorted(path.name for path in found)


def write_zip(name: str, bundle: str, folder: Path) -> Path:
    """Write a function's zip; its modules twice, as source and compiled."""
    target = folder / f"{name}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in contents(name, bundle):
            _add(archive, path.as_posix(), (ROOT / path).read_bytes())
            if path.suffix == ".py":
                cached = importlib.util.cache_from_source(path.as_posix(), optimization="")
                _add(archive, cached, compiled(path.as_posix()))
        if name in MADE_AHEAD:
            file, maker = MADE_AHEAD[name]
            _add(archive, file, getattr(import_module(f"functions.{name}"), maker)())
    return target


def compiled(path: str) -> bytes:
    """A module as an unchecked-hash .pyc, which no start compares with its source."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    with TemporaryDirectory() as folder:
        made = Path(folder) / "made.pyc"
        py_compile.compile(
            str(ROOT / path), str(made), f"/var/task/{path}", True, 0, invalidation_mode=mode
        )
        return made.read_bytes()


def _files(top: str, left_out: tuple[str, ...]) -> Iterator[Path]:
    for path in sorted((ROOT / top).glob("**/*")):
        shown = path.relative_to(ROOT)
        unwanted = any(shown.is_relative_to(other) for other in left_out)
        if path.suffix in KINDS and path.is_file() and not unwanted:
            yield shown


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.external_attr = 0o100644 << 16  # Lambda runs as another user: readable to all
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def main() -> int:
    """Write the zips that the command line names."""
    parser = command(__doc__)
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="where each NAME.zip goes")
    parser.add_argument(
        "names", nargs="+", metavar="NAME[:ai]", help="a function, and what it needs"
    )
    parser.add_argument(
        "--runtime", metavar="NAME", help="refuse to compile for another Python: python3.11"
    )
    options = parser.parse_args()
    own = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if options.runtime not in (None, own):
        sys.stderr.write(
            f"{own} cannot compile for {options.runtime}; set PYTHON to one that can\n"
        )
        return 2
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, _, bundle in (word.partition(":") for word in options.names):
        write_zip(name, bundle or "light", options.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
