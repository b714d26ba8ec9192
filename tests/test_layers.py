"""Who may import whom, and that light functions stay light."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

HEAVY = (
    "pandas numpy huggingface_hub boto3 botocore redis torch prometheus_client sqlalchemy uvicorn "
    "sklearn scipy onnxruntime transformers"
).split()

BUNDLES = """
import json
from importlib import import_module
from pathlib import Path
names = sorted(path.stem for path in Path("functions").glob("[a-z]*.py"))
bundles = {}
for name in names:
    declared = getattr(import_module(f"functions.{name}"), "endpoints", ())
    bundles[name] = sorted({endpoint.bundle for endpoint in declared})
print(json.dumps(bundles))
"""

LOADED = """
import json, sys
from importlib import import_module
heavy, functions = json.loads(sys.argv[1])
found = {}
for name in functions:
    module = import_module(f"functions.{name}")
    # what its Lambda builds at the first event
    from adapters.asgi import create_app
    from lib.runtime import load_providers
    feeds = [feed for endpoint in getattr(module, "endpoints", ()) for feed in endpoint.feeds]
    load_providers([source for feed in feeds for source in feed.sources])
    loaded = [one for one in [*heavy, "lib.sandbox"] if one in sys.modules]
    if loaded:
        found[name] = loaded
print(json.dumps(found))
"""


def fresh(code: str, *arguments: str) -> Any:
    """What a fresh interpreter prints as JSON."""
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_no_light_function_loads_a_heavy_module() -> None:
    bundles = fresh(BUNDLES)
    light = [name for name, declared in bundles.items() if declared in ([], ["light"])]

    assert {"price", "market", "ohlcv", "health", "stats"} <= set(light)
    assert fresh(LOADED, json.dumps([HEAVY, light])) == {}


def test_a_file_of_functions_belongs_to_one_bundle() -> None:
    mixed = {name: bundles for name, bundles in fresh(BUNDLES).items() if len(bundles) > 1}

    assert mixed == {}


def test_layers_are_kept() -> None:
    ran = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout
