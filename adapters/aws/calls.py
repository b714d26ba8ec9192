"""Signed requests to AWS on the one HTTP client of a function, with a deadline and few retries."""

import asyncio
import random
import ssl
from collections.abc import Mapping
from typing import Final

import httpx

from adapters.aws.signing import Credentials, find_credentials, signed_headers
from lib.clock import Clock

PATIENCE_S: Final = 2.0
TRIES: Final = 4
FIRST_WAIT_S: Final = 0.05
TRUSTED_S: Final = 300.0  # under SnapStart credentials run out; AWS renews them long before

_TRY_AGAIN: Final = {429, 500, 502, 503, 504}
_THROTTLED: Final = (b"Throttling", b"ProvisionedThroughputExceeded", b"RequestLimitExceeded")


class NoCredentials(Exception):
    """Nobody told this process who signs."""


class AwsCalls:
    """Requests to any of AWS's services in one region.

    Attributes:
        first_wait_s: before the second try; each later one comes after twice the time.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        environ: Mapping[str, str],
        clock: Clock,
        *,
        first_wait_s: float = FIRST_WAIT_S,
    ) -> None:
        self.first_wait_s = first_wait_s
        self.region = environ.get("AWS_REGION", "us-east-1")
        self._client = client
        self._environ = environ
        self._clock = clock
        self._signer: Credentials | None = None
        self._found_at = 0.0

    def address(self, service: str) -> str:
        """Where a service is, with a slash at the end; `AWS_ENDPOINT_URL` and its like win."""
        own = self._environ.get(f"AWS_ENDPOINT_URL_{service.upper()}")
        url = own or self._environ.get("AWS_ENDPOINT_URL")
        return (url or f"https://{service}.{self.region}.amazonaws.com").rstrip("/") + "/"

    async def send(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        *,
        service: str,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The answer, whatever its status. Tried again when AWS is busy or cannot be reached, not
        when an answer is late: the request may have been carried out.

        Raises:
            httpx.HTTPError: no answer.
            NoCredentials: nobody can sign.
        """
        wait_s = self.first_wait_s
        for left in range(TRIES - 1, -1, -1):
            try:
                reply = await self._send(method, url, body, service, headers or {})
            except httpx.ConnectError:
                if not left:
                    raise
            else:
                if not left or not _is_busy(reply):
                    return reply
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
            wait_s *= 2
        raise AssertionError("the last try returns or raises")

    async def _send(
        self, method: str, url: str, body: bytes, service: str, headers: Mapping[str, str]
    ) -> httpx.Response:
        signed = signed_headers(
            method,
            url,
            headers,
            body,
            service=service,
            region=self.region,
            credentials=await self._credentials(),
            now_s=self._clock.now_ms() / 1000,
        )
        return await self._client.request(
            method, url, content=body, headers=signed, timeout=PATIENCE_S
        )

    async def _credentials(self) -> Credentials:
        now = self._clock.monotonic()
        if self._signer is None or now - self._found_at > TRUSTED_S:
            self._signer = await asyncio.to_thread(self._find)
            self._found_at = now
        if self._signer is None:
            raise NoCredentials("neither keys nor an address of keys stand in the environment")
        return self._signer

    def _find(self) -> Credentials | None:
        # the address, if any, is on this machine and plain: certificates need not be read
        bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        with httpx.Client(verify=bare, trust_env=False, timeout=PATIENCE_S) as client:
            return find_credentials(self._environ, client)


def _is_busy(reply: httpx.Response) -> bool:
    told = reply.status_code == 400 and any(word in reply.content for word in _THROTTLED)
    return told or reply.status_code in _TRY_AGAIN
