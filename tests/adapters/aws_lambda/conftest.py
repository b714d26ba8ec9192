"""The handler to be given events."""

import pytest

from adapters.aws_lambda import LambdaHandler
from tests.adapters.aws_lambda.echo import build


@pytest.fixture(autouse=True)
def own_loop(kept_loop: None) -> None:
    """No test is given the loop that another one's handler keeps."""


@pytest.fixture
def handler() -> LambdaHandler:
    """The function of the tests, not yet started."""
    return LambdaHandler(build)
