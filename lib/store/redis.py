"""A store in Redis. https://redis.io/docs/latest/commands/"""

from typing import Any

from lib.store import PATIENCE_S
from lib.store.remote import Command, RemoteStore, complain


class RedisStore(RemoteStore):
    """Reached by `redis://`, `rediss://` or `unix://`; connects at the first use.

    Raises:
        ValueError: the URL is none of these, or has an option that there is not.
    """

    def __init__(self, url: str, patience_s: float = PATIENCE_S) -> None:
        super().__init__(patience_s)
        # Imported here, because it costs more than a light function's whole start.
        from redis.asyncio import BlockingConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError, ResponseError

        self._refusal = ResponseError
        pool = BlockingConnectionPool.from_url(
            url,
            # By default it tries four times over several seconds.
            retry=Retry(NoBackoff(), 0),
            # Our own deadline holds; theirs would start a task for every command.
            socket_timeout=None,
            socket_connect_timeout=patience_s,
            # RESP 3 and the library's name would cost round trips when connecting.
            protocol=2,
            driver_info=None,
        )
        try:
            # nothing is contacted, but the options are looked at
            pool.make_connection()  # type: ignore[no-untyped-call]
        except (RedisError, TypeError) as error:
            raise ValueError(
                "an option after '?' is not known, or has a value that it cannot have"
            ) from error
        self._client = Redis.from_pool(pool)

    async def send(self, commands: list[Command]) -> list[Any]:
        try:
            if len(commands) == 1:
                only = commands[0]
                reply = await self._client.execute_command(*only)  # type: ignore[no-untyped-call]
                return [reply]
            async with self._client.pipeline(transaction=False) as pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                return await pipeline.execute()
        except self._refusal as error:
            raise complain(error) from error

    async def aclose(self) -> None:
        await self._client.aclose()
