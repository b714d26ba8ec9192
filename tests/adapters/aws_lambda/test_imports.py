"""What a function loads: nothing heavy ever, and nothing that it can load later."""

import subprocess
import sys
from pathlib import Path

import pytest

from adapters.deploy.serverless import deployed_families
from rehearsal.families import load_families

ROOT = Path(__file__).parents[3]
MODELS = {"pandas", "numpy", "huggingface_hub"}
HEAVY = {*MODELS, "boto3", "botocore", "redis", "uvicorn", "sqlalchemy"}
LATE = {"httpx", "starlette", "lib.runtime", "lib.settings", "lib.highway.road"}
"""What a function needs to answer and not to be imported: annotations alone must not load it."""


@pytest.mark.parametrize("name", sorted(deployed_families(load_families())))
def test_a_light_function_imports_nothing_heavy(name: str) -> None:
    ai = any(endpoint.bundle == "ai" for endpoint in load_families()[name])
    looked = (
        f"import sys, functions.{name} as f; early = {LATE!r} & set(sys.modules); "
        "from adapters.aws_lambda import build_app; build_app(f.endpoints, {}); "
        f"heavy = {HEAVY - MODELS if ai else HEAVY!r} & set(sys.modules); "
        "print(sorted(early), sorted(heavy))"
    )
    done = subprocess.run(  # a fresh process, as on Lambda
        [sys.executable, "-c", looked], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.stdout.strip(), done.stderr) == ("[] []", "")
