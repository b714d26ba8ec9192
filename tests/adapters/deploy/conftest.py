"""serverless.yml, read once."""

from typing import Any

import pytest
import yaml

from tests.adapters.deploy.declared import ROOT


@pytest.fixture(scope="session")
def service() -> dict[str, Any]:
    """What the committed file says."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "serverless.yml").read_text())
    return loaded
