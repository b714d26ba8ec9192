"""What is in a zip, held against what its function reaches; what layers weigh."""

import ast
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import cache_from_source

from adapters.deploy.bundle import alongside
from lib.endpoint import Endpoint
from lib.runtime import load_providers
from lib.trigger import Trigger
from rehearsal.tools import ROOT, Failed

OURS = ("adapters", "functions", "lib")
NEVER = ("tests/", "rehearsal/", "lib/sandbox/", "bench/", "train/")
AI_ONLY = ("lib/analysis/", "lib/models/")
MADE_AHEAD = {"openapi": "openapi.json"}
SPACE_ONLY = {"openapi": {"adapters.openapi.document"}}
"""What a function reaches only where no file made ahead stands beside it."""


MOST_LAYER_BYTES = 250 * 1024 * 1024


def check_layers(names: Sequence[str], size: int) -> None:
    """Hold a function's layers, unzipped, against what Lambda takes.

    Raises:
        Failed: they are larger.
    """
    if size > MOST_LAYER_BYTES:
        raise Failed(
            f"{' and '.join(names)} have {size / 2**20:.0f} MB unzipped; Lambda takes 250 MB"
        )


def check_zip(name: str, content: bytes, endpoints: Sequence[Endpoint | Trigger]) -> None:
    """Look into a function's zip.

    Raises:
        Failed: it misses a file that the function reaches, or has one that it must not have.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {entry: archive.read(entry) for entry in archive.namelist()}
    missing = sorted(_missing(name, files, endpoints))
    if missing:
        raise Failed(f"{name}.zip misses {', '.join(missing)}")
    light = all(endpoint.bundle == "light" for endpoint in endpoints)
    unwanted = (*NEVER, *AI_ONLY) if light else NEVER
    strays = [f for f in files if f.startswith(unwanted)]
    strays += [f for f in files if f.startswith("functions/") and not _is_own(f, name)]
    if strays:
        raise Failed(f"{name}.zip has what it must not have: {', '.join(sorted(strays)[:5])}")
    for file, compiled in files.items():
        if file.endswith(".pyc") and compiled[4:8] != b"\x01\0\0\0":
            raise Failed(f"{name}.zip: {file} is compared with its source at every start")


def _missing(
    name: str, files: dict[str, bytes], endpoints: Sequence[Endpoint | Trigger]
) -> Iterator[str]:
    sources = {source for e in endpoints for feed in e.feeds for source in feed.sources}
    kinds = load_providers(sources).values() if sources else ()
    waiting = {f"functions.{name}", *(kind.__module__ for kind in kinds)}
    waiting |= {f"functions.{file.removesuffix('.py')}" for file in alongside(name)}
    seen: set[str] = set()
    if "lib/assets.csv" not in files:
        yield "lib/assets.csv"
    if name in MADE_AHEAD and MADE_AHEAD[name] not in files:
        yield MADE_AHEAD[name]
    while waiting:
        module = waiting.pop()
        seen.add(module)
        file = next((f for f in _spellings(module) if f in files), None)
        if file is None:
            yield _spellings(module)[0]
            continue
        if cache_from_source(file, optimization="") not in files:
            yield f"{file}, compiled"
        reached = set(_imports(ast.parse(files[file]))) - SPACE_ONLY.get(name, set())
        waiting |= reached - seen


def _spellings(module: str) -> tuple[str, str]:
    path = module.replace(".", "/")
    return f"{path}.py", f"{path}/__init__.py"


def _imports(tree: ast.AST) -> Iterator[str]:
    """Our own modules that a module imports, at once or later, but for its types alone."""
    for node in _executed(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in OURS:
            yield node.module
            named = [f"{node.module}.{n.name}" for n in node.names]
            yield from (m for m in named if any((ROOT / f).exists() for f in _spellings(m)))
        elif isinstance(node, ast.Import):
            yield from (n.name for n in node.names if n.name.split(".")[0] in OURS)


def _executed(tree: ast.AST) -> Iterable[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        yield node
        yield from _executed(node)


def _is_own(file: str, name: str) -> bool:
    own = ("__init__", name, *(other.removesuffix(".py") for other in alongside(name)))
    return file.removeprefix("functions/").removeprefix("__pycache__/").split(".")[0] in own
