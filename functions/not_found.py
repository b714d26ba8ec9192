"""Every path that no function has: the router's own 404, in the envelope, on API Gateway too."""

from adapters.aws_lambda import lambda_handler
from lib.endpoint import Endpoint

endpoints: tuple[Endpoint, ...] = ()
handler = lambda_handler(*endpoints)
