"""Writing to API Gateway's websocket connections, and closing them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
"""

from typing import Final
from urllib.parse import quote

import httpx

from adapters.aws.calls import AwsCalls, NoCredentials

LARGEST_POST: Final = 128 * 1024  # API Gateway's own limit of a message


class Gone(Exception):
    """The connection is there no more."""


class NotPosted(Exception):
    """The message did not get through; the connection may be well."""


class Postbox:
    """The connections of one API. A 410 says that one is gone: it has no other sign of it."""

    def __init__(self, calls: AwsCalls, endpoint: str) -> None:
        self._calls = calls
        self._root = endpoint.rstrip("/")

    async def post(self, connection: str, text: bytes) -> None:
        """Send one text message.

        Raises:
            Gone: nobody is there any more.
            NotPosted: it is too large, or API Gateway refuses or does not answer.
        """
        if len(text) > LARGEST_POST:
            raise NotPosted(f"a message of {len(text)} bytes")
        await self._send("POST", connection, text)

    async def close(self, connection: str) -> None:
        """End a connection. API Gateway chooses the close code.

        Raises:
            Gone: it had ended.
            NotPosted: API Gateway refuses or does not answer.
        """
        await self._send("DELETE", connection, b"")

    async def _send(self, method: str, connection: str, body: bytes) -> None:
        url = f"{self._root}/@connections/{quote(connection, safe='')}"
        try:
            reply = await self._calls.send(method, url, body, service="execute-api")
        except (httpx.HTTPError, NoCredentials) as error:
            raise NotPosted(type(error).__name__) from error
        if reply.status_code == 410:
            raise Gone(connection)
        if not reply.is_success:
            raise NotPosted(f"status {reply.status_code}")
