"""A store in Upstash Redis, over its REST API. https://upstash.com/docs/redis/features/restapi"""

from typing import Any

from lib.store import PATIENCE_S
from lib.store.remote import Command, RemoteStore, complain


class UpstashStore(RemoteStore):
    """Reached by HTTP, so it suits a function that lives for one request."""

    def __init__(self, url: str, token: str, patience_s: float = PATIENCE_S) -> None:
        super().__init__(patience_s)
        # Imported here, so that a function without a store does not pay for it.
        from upstash_redis.asyncio import Redis
        from upstash_redis.errors import UpstashError

        self._refusal = UpstashError
        # By default it waits three seconds to try again, and tells on its host.
        self._client = Redis(url.rstrip("/"), token, rest_retries=0, allow_telemetry=False)

    async def send(self, commands: list[Command]) -> list[Any]:
        try:
            if len(commands) == 1:
                return [await self._client.execute(commands[0])]
            pipeline = self._client.pipeline()
            for command in commands:
                pipeline.execute(command)
            return await pipeline.exec()
        except self._refusal as error:
            raise complain(error) from error

    async def aclose(self) -> None:
        await self._client.close()
