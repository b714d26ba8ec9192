"""The folders that serverless.yml names as layers: wheels for Lambda's Linux, pruned, compiled.

    python -m adapters.deploy.layers [NAME …] [--runtime python3.11]     into build/layers/

Takes a minute each. Ends with 0, or with 2 if this Python cannot compile for the runtime.
"""

import py_compile
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from lib.command import command

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "build" / "layers"

GLIBC: Final = {"python3.11": 26, "python3.12": 34, "python3.13": 34, "python3.14": 34}
"""Minor version of the glibc that a runtime brings: Amazon Linux 2, then 2023. A wheel that wants
a newer one installs anywhere else and fails to load there. Where the lock has such wheels only,
`requirements/NAME-RUNTIME.txt` stands in for it."""

UNUSED: Final = (
    "bin",
    "**/tests",
    "**/*.pyi",
    "**/*.pyx",
    "**/*.h",
    "zstandard/_cffi*",  # a second build of the same library
    "zstandard/backend_cffi.py",
)


def named_layers() -> list[str]:
    """The layers that serverless.yml names, the lowest first."""
    named = re.findall(r"path: build/layers/(\w+)", (ROOT / "serverless.yml").read_text())
    return sorted(named, key=lambda name: name != "light")


def build_layer(name: str, runtime: str) -> Path:
    """Fill `build/layers/NAME` anew.

    Raises:
        CalledProcessError: a wheel is not to be had for this runtime.
    """
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    packages = folder / "python"
    subprocess.run(_install(name, runtime, packages), check=True)  # noqa: S603 - words of our own
    if name != "light":
        _drop_what_light_has(packages)
    for pattern in UNUSED:
        for path in list(packages.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    _compile(packages)
    return folder


def _install(name: str, runtime: str, packages: Path) -> list[str]:
    version = runtime.removeprefix("python")
    platforms = [f"--platform=manylinux_2_{minor}_x86_64" for minor in range(5, GLIBC[runtime] + 1)]
    platforms += ["--platform=manylinux2014_x86_64", "--platform=manylinux1_x86_64"]
    words = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    words += ["--no-compile", "--no-deps", "--require-hashes", "--only-binary=:all:", *platforms]
    words += [f"--python-version={version}", "--implementation=cp", f"--target={packages}"]
    own = ROOT / "requirements" / f"{name}-{runtime}.txt"
    shared = ROOT / "requirements" / f"{name}.txt"
    return [*words, "--requirement", str(own if own.exists() else shared)]


def _drop_what_light_has(packages: Path) -> None:
    """A function with two layers sees both as one folder: nothing is wanted twice."""
    for path in (FOLDER / "light" / "python").iterdir():
        twin = packages / path.name
        if path.name.endswith(".dist-info") or not twin.exists():
            continue
        shutil.rmtree(twin) if twin.is_dir() else twin.unlink()


def _compile(packages: Path) -> None:
    for path in sorted(packages.rglob("*.py")):
        shown = f"/opt/python/{path.relative_to(packages)}"
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(path), dfile=shown, quiet=2, invalidation_mode=mode)


def main() -> int:
    """Build the layers that the command line names; by default those of serverless.yml."""
    parser = command(__doc__)
    parser.add_argument(
        "names",
        metavar="NAME",
        nargs="*",
        default=named_layers(),
        help="default: all that serverless.yml names",
    )
    parser.add_argument(
        "--runtime",
        metavar="NAME",
        choices=sorted(GLIBC),
        default="python3.11",
        help="one of %(choices)s (%(default)s)",
    )
    options = parser.parse_args()
    own = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if options.runtime != own:
        sys.stderr.write(f"{own} cannot compile for {options.runtime}: run this with that Python\n")
        return 2
    for name in options.names:
        build_layer(name, options.runtime)
    return 0


if __name__ == "__main__":
    sys.exit(main())
