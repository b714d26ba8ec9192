"""serverless.yml as endpoints and triggers declare it: `make serverless`.

    python -m rehearsal.families [--check]

Takes a second. Ends with 0, with 1 if --check finds that the file differs.
"""

import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

import functions
from adapters.deploy.serverless import serverless_yml
from lib.command import command
from lib.endpoint import Endpoint
from lib.trigger import Trigger

FILE = Path(__file__).resolve().parents[1] / "serverless.yml"


def load_families() -> dict[str, tuple[Endpoint, ...]]:
    """The endpoints of each file of `functions/`, by the file's name, in name order."""
    return {name: tuple(getattr(module, "endpoints", ())) for name, module in _modules().items()}


def load_triggers() -> dict[str, Trigger]:
    """What calls a function besides HTTP requests, by its file's name, in name order."""
    found = {name: getattr(module, "trigger", None) for name, module in _modules().items()}
    return {name: trigger for name, trigger in found.items() if trigger}


def declared_yml() -> str:
    """serverless.yml as it should be."""
    return serverless_yml(load_families(), load_triggers())


def _modules() -> dict[str, ModuleType]:
    names = sorted(module.name for module in iter_modules(functions.__path__))
    return {name: import_module(f"functions.{name}") for name in names}


def main() -> int:
    """Write the file, or with `--check` only say whether it is as declared."""
    parser = command(__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if it differs")
    given = parser.parse_args()
    declared = declared_yml()
    if not given.check:
        FILE.write_text(declared)
    elif not FILE.exists() or FILE.read_text() != declared:
        sys.stderr.write("serverless.yml differs from the declarations: run `make serverless`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
