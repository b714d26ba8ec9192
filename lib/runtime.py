"""The only place where things are wired: settings in, a running service's parts out."""

import asyncio
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, cast

import httpx

from lib import VERSION
from lib.assets import Asset, AssetTable, load_seed
from lib.auth import KeyRing, parse_keys
from lib.clock import Clock, SystemClock
from lib.context import Context
from lib.feeds import COINS, LISTINGS, load_feeds
from lib.highway.race import HEDGE_S
from lib.highway.road import Highway
from lib.limits import Limiter
from lib.observe import Observer
from lib.providers.base import Provider
from lib.queries import Everything, ListQuery
from lib.settings import Settings, SettingsError
from lib.store import PATIENCE_S, Store
from lib.store.guarded import GuardedStore
from lib.wire.bodies import ENCODINGS

if TYPE_CHECKING:
    from lib.highway.pooled import PooledQuotas
    from lib.ledger.ledger import Ledger
    from lib.onchain.wallets import Wallets
    from lib.providers.huggingface import HuggingFace
    from lib.store.remote import RemoteStore

USER_AGENT = f"dreammaker/{VERSION} (crypto data service)"


@dataclass
class Runtime:
    """The parts of a running service. Built once a process, closed once."""

    settings: Settings
    clock: Clock
    client: httpx.AsyncClient
    highway: Highway
    limiter: Limiter
    keys: KeyRing
    store: Store | GuardedStore | None
    sandbox: bool
    started_ms: int
    seed: tuple[Asset, ...]
    wallets: "Callable[[], Wallets]"
    ledger: "Ledger | None" = None
    pool: "PooledQuotas | None" = None
    draining: bool = False  # asked to end: still answers, and wants no new callers
    _assets: tuple[object, AssetTable] | None = field(default=None)

    def context(self) -> Context:
        """A context for one reply."""
        ctx = Context(
            self.highway, self.clock, self.assets(), wallets=self.wallets, sandbox=self.sandbox
        )
        ctx.ledger = self.ledger
        return ctx

    def assets(self) -> AssetTable:
        """What tickers mean, by the newest market table at hand, else by the shipped one."""
        rows = self.highway.at_hand(LISTINGS, ListQuery(2), any_age=True)
        coins = self.highway.at_hand(COINS, Everything(), any_age=True)
        known = (rows and rows.fetched_ms, coins and coins.fetched_ms)
        if self._assets is None or self._assets[0] != known:
            table = AssetTable(
                rows.value if rows else None,
                coins.value if coins else None,
                seed=self.seed,
                source=rows.source if rows else "coingecko",
                coins_source=coins.source if coins else "coingecko",
            )
            self._assets = (known, table)
        return self._assets[1]

    def count_together(self) -> None:
        """Hold callers and sources to their limits over all processes with the same store from now
        on; `sync` keeps them in step. Without a store this process counts for itself."""
        if self.store is None:
            return
        from lib.highway.pooled import PooledQuotas

        gates = self.highway.gates.items()
        self.pool = PooledQuotas({n: gate.quota for n, gate in gates}, self.store, self.clock)
        self.limiter.share(self.store)

    async def sync(self) -> None:
        """Exchange counts with the other processes; call it about once a second."""
        if self.pool:
            await asyncio.gather(self.limiter.sync(), self.pool.sync())

    async def aclose(self) -> None:
        """Stop what is under way and close connections."""
        await self.highway.aclose()
        await self.client.aclose()
        if self.ledger:
            await self.ledger.aclose()


def build_runtime(
    settings: Settings,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    store: Store | None = None,
    clock: Clock | None = None,
    observer: Observer | None = None,
    names: Iterable[str] | None = None,
    sandbox: bool = False,
    inline: bool = False,
    hedge_s: float = HEDGE_S,
    tls: ssl.SSLContext | None = None,
) -> Runtime:
    """Wire a service; nothing is contacted.

    Args:
        names: the providers to load; by default every source of every feed.
        inline: refresh stale values before answering (Lambda).
        tls: whom to trust, if the process has read that already: it takes 15 ms.
    """
    clock = clock or SystemClock()
    client = build_client(transport, tls)
    store = store or open_store(settings, clock, sandbox=sandbox)
    providers = [
        kind(client, clock, settings.base_urls.get(name), settings.key(kind.key_variable))
        for name, kind in load_providers(names).items()
    ]
    for provider in providers:
        if provider.name == "huggingface":  # by name: who does not ask it shall not load it
            cast("HuggingFace", provider).aim(
                sentiment_url=settings.hf_sentiment_url,
                forecast_url=settings.hf_forecast_url,
                monthly_usd=settings.hf_monthly_usd,
                store=store,
            )
    highway = Highway(
        providers, clock, store=store, observer=observer, inline=inline, hedge_s=hedge_s
    )
    entries = settings.api_keys.get_secret_value() if settings.api_keys else ""
    return Runtime(
        settings=settings,
        clock=clock,
        client=client,
        highway=highway,
        limiter=Limiter(clock),
        keys=KeyRing(parse_keys(entries)),
        store=store,
        sandbox=sandbox,
        started_ms=clock.now_ms(),
        seed=load_seed(),
        wallets=cache(partial(_load_wallets, settings.exchange_wallets_file)),
    )


def open_store(settings: Settings, clock: Clock, *, sandbox: bool = False) -> GuardedStore | None:
    """The store that the settings name; `None` keeps all in memory. In one that others use as
    well the sandbox has a part of its own: nothing that it makes up may be taken for live."""
    if not (settings.upstash_redis_rest_url or settings.redis_url):
        return None
    remote = open_remote(settings, PATIENCE_S)
    if settings.upstash_redis_rest_url:
        from lib.store.riding import RidingStore

        remote = RidingStore(remote)
    if sandbox:
        from lib.store.apart import SANDBOX, ApartStore

        return GuardedStore(ApartStore(remote, SANDBOX), clock)
    return GuardedStore(remote, clock)


def open_remote(settings: Settings, patience_s: float) -> "RemoteStore":
    """The store itself, each round trip so long at most: Upstash before Redis.

    Raises:
        LookupError: the settings name neither.
        SettingsError: an address has options that there are not.
    """
    if settings.upstash_redis_rest_url and settings.upstash_redis_rest_token:
        from lib.store.upstash import UpstashStore

        token = settings.upstash_redis_rest_token.get_secret_value()
        return UpstashStore(settings.upstash_redis_rest_url, token, patience_s)
    if settings.redis_url:
        from lib.store.redis import RedisStore

        try:
            return RedisStore(settings.redis_url.get_secret_value(), patience_s)
        except ValueError as error:
            raise SettingsError(f"REDIS_URL: {error}") from None
    raise LookupError("no store is configured")


def choose_ledger(
    settings: Settings, clock: Clock, *, disk: bool = True, sandbox: bool = False
) -> "Ledger | None":
    """Where forecasts are recorded: the database, else a file; without a `disk` that lasts the
    store, and `None` if there is none either. Nothing is contacted.

    What the sandbox makes up is forgotten, unless there is a database for it.
    """
    shared = settings.upstash_redis_rest_url or settings.redis_url
    if not (settings.database_url or disk or shared):
        return None
    from lib.ledger.ledger import Ledger, open_ledger

    world = "sandbox" if sandbox else "live"
    if settings.database_url:
        return open_ledger(settings.database_url.get_secret_value(), clock, world)
    if disk:
        file = "sqlite://" if sandbox else f"sqlite:///{settings.ledger_path}"
        return open_ledger(file, clock, world)
    from lib.ledger.remote import PATIENCE_S as LEDGER_S
    from lib.ledger.remote import RemoteBook

    book = RemoteBook(partial(open_remote, settings, LEDGER_S), clock, settings.ledger_keep_days)
    return Ledger(book, clock, world)


def build_client(
    transport: httpx.AsyncBaseTransport | None = None, tls: ssl.SSLContext | None = None
) -> httpx.AsyncClient:
    """The one HTTP client of a process: kept-alive connections, no redirects, no proxies read
    from the environment."""
    return httpx.AsyncClient(
        transport=transport,
        verify=(tls or ssl.create_default_context()) if transport is None else True,
        trust_env=False,
        follow_redirects=False,
        headers={
            "User-Agent": USER_AGENT,
            "Accept": "application/json, */*;q=0.5",
            "Accept-Encoding": ENCODINGS,
        },
        timeout=httpx.Timeout(10.0, connect=1.5, pool=2.0),
        limits=httpx.Limits(max_connections=100, max_keepalive_connections=40),
    )


def load_providers(names: Iterable[str] | None = None) -> dict[str, type[Provider]]:
    """Import the files of these providers; by default of every source of every feed."""
    if names is None:
        names = (name for feed in load_feeds() for name in feed.sources)
    return {name: _load(name) for name in dict.fromkeys(names)}


def _load_wallets(extra: str | None) -> "Wallets":
    from lib.onchain.wallets import load_wallets  # most functions never ask

    return load_wallets(extra)


def _load(name: str) -> type[Provider]:
    # every outlet with an RSS feed, and every chain's RPC, is a row of one file
    file = "rss" if name.startswith("rss_") else "evm_rpc" if name.endswith("_rpc") else name
    module = import_module(f"lib.providers.{file}")
    kinds = (value for value in vars(module).values() if isinstance(value, type))
    return next(
        kind for kind in kinds if issubclass(kind, Provider) and getattr(kind, "name", None) == name
    )
