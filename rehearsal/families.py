"""serverless.yml as the endpoints declare it: `python -m rehearsal.families [--check]`."""

import argparse
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import functions
from adapters.serverless import serverless_yml
from lib.endpoint import Endpoint

FILE = Path(__file__).resolve().parents[1] / "serverless.yml"


def load_families() -> dict[str, tuple[Endpoint, ...]]:
    """The endpoints of each file of `functions/`, by the file's name, in name order."""
    names = sorted(module.name for module in iter_modules(functions.__path__))
    modules = {name: import_module(f"functions.{name}") for name in names}
    return {name: tuple(getattr(module, "endpoints", ())) for name, module in modules.items()}


def main() -> int:
    """Write the file, or with `--check` only say whether it is as declared."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if it differs")
    declared = serverless_yml(load_families())
    if not parser.parse_args().check:
        FILE.write_text(declared)
    elif not FILE.exists() or FILE.read_text() != declared:
        sys.stderr.write("serverless.yml differs from the declarations: run `make serverless`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
