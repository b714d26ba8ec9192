"""What the drill stands on: two servers, their Redis, PostgreSQL and upstreams, and a third
server that keeps its ledger in a file."""

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from drill.processes import Server, Upstream
from loopback.postgres import PostgresServer, find_postgres
from loopback.redis import RedisServer

KEY: Final = "a-key-for-the-drill"
BEARER: Final = {"Authorization": f"Bearer {KEY}"}
SEED: Final = 11


@dataclass
class Ground:
    """Everything that runs.

    Attributes:
        pair: the two servers that share Redis and PostgreSQL.
        alone: a server without either, whose ledger is the SQLite file `ledger`.
    """

    upstream: Upstream
    redis: RedisServer
    postgres: PostgresServer
    pair: tuple[Server, Server]
    alone: Server
    ledger: Path

    @property
    def servers(self) -> tuple[Server, ...]:
        """All three."""
        return (*self.pair, self.alone)

    async def heal_sources(self) -> None:
        """Let every server ask every source at once: what was refused for an hour, or was told to
        wait, is forgotten, as an operator would do it."""
        async with httpx.AsyncClient(headers=BEARER, trust_env=False) as client:
            for server in self.servers:
                for name in self.upstream.sources:
                    body = {"source": name, "enabled": True}
                    reply = await client.post(f"{server.root}/api/admin/sources", json=body)
                    reply.raise_for_status()


@asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    """Start everything on free ports; end it with the block."""
    folder = _make_folder()
    try:
        made = _build(folder)
        try:
            made.upstream.start()
            made.redis.start()
            made.postgres.start()
            for server in made.servers:
                server.start()
            await asyncio.gather(*(server.ready() for server in made.servers))
            yield made
        finally:
            for process in (*made.servers, made.upstream):
                process.ask_to_end()
            for process in (*made.servers, made.upstream):
                process.stop()
            made.postgres.stop()
            made.redis.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="drill-"))
    folder.chmod(0o755)  # PostgreSQL may run as another user
    (folder / "postgres").mkdir()
    return folder


def _build(folder: Path) -> Ground:
    upstream = Upstream(SEED)
    redis = RedisServer()
    postgres = PostgresServer(find_postgres(), folder / "postgres")
    ledger = folder / "ledger.sqlite3"
    common = upstream.addresses() | {
        "API_KEYS": f"drill:{hashlib.sha256(KEY.encode()).hexdigest()}",
        "RATE_LIMIT_IP": "1000000",  # counted like any limit, but never reached
        "LOG_LEVEL": "warning",
    }
    shared = common | {"REDIS_URL": redis.url, "DATABASE_URL": postgres.url}
    pair = (Server("a", shared, folder), Server("b", shared, folder))
    alone = Server("c", common | {"LEDGER_PATH": str(ledger)}, folder)
    return Ground(upstream, redis, postgres, pair, alone, ledger)
