"""Every setting, read once from an environment that is passed in; secrets never show."""

import os
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)

from lib.addresses import (
    DatabaseAddress,
    Origins,
    RedisAddress,
    WebAddress,
    check_address,
    is_plain,
    passwords_in,
)
from lib.auth import parse_keys
from lib.feeds import load_feeds


class SettingsError(Exception):
    """A variable that cannot be read; the sentence names it and what it accepts."""


def _keys(secret: SecretStr) -> SecretStr:
    parse_keys(secret.get_secret_value())
    return secret


def _token(secret: SecretStr) -> SecretStr:
    # it stands in a header or a query: a long dash or a line break there fails each request
    if not is_plain(secret.get_secret_value()):
        raise ValueError("holds a space, a line break or a letter beyond ASCII; copy it once more")
    return secret


def _lower(text: Any) -> Any:
    return text.lower() if isinstance(text, str) else text


HTTP: Final = ("http", "https")
SOCKET: Final = ("ws", "wss")

Token = Annotated[SecretStr, AfterValidator(_token)]
KeyEntries = Annotated[SecretStr, AfterValidator(_keys)]
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)]


class Settings(BaseModel):
    """The service's settings. Each field is the environment variable of the same name in capitals;
    `.env.example` explains them."""

    model_config = ConfigDict(frozen=True)

    # keys of upstreams, all optional
    coingecko_api_key: Token | None = None
    cmc_api_key: Token | None = None
    newsapi_key: Token | None = None
    cryptopanic_key: Token | None = None
    twitter_bearer_token: Token | None = None
    etherscan_key: Token | None = None
    blockscout_key: Token | None = None
    whale_alert_key: Token | None = None
    hf_token: Token | None = None
    hf_forecast_url: WebAddress | None = None
    hf_sentiment_url: WebAddress | None = None
    hf_monthly_usd: float = Field(0.1, ge=0, le=100_000)

    # stores
    redis_url: RedisAddress | None = None
    upstash_redis_rest_url: WebAddress | None = None
    upstash_redis_rest_token: Token | None = None
    database_url: DatabaseAddress | None = None
    ledger_path: str = "data/ledger.sqlite3"
    ledger_keep_days: int = Field(200, ge=1, le=3650)  # in Redis; longer than any forecast's reach

    # callers
    api_keys: KeyEntries | None = None
    rate_limit_ip: int = Field(100, ge=0, le=1_000_000)
    rate_limit_key: int = Field(1000, ge=0, le=1_000_000)
    trusted_proxies: int = Field(0, ge=0, le=10)
    cors_origins: Origins = ()

    # sockets
    ws_max_connections: int = Field(1000, ge=1, le=100_000)
    ws_heartbeat_s: float = Field(30, gt=0, le=3600)
    ws_idle_s: float = Field(60, gt=0, le=3600)
    ws_max_symbols: int = Field(100, ge=1, le=5000)
    ws_table: str | None = None
    ws_endpoint: WebAddress | None = None
    ws_pump_every_s: float = Field(5, gt=0, le=60)
    http_endpoint: WebAddress | None = None

    # the process
    cache_ttl_default: int = Field(60, ge=0, le=86400)
    max_workers: int = Field(4, ge=1, le=64)
    answers_mb: int = Field(64, ge=0, le=65536)
    drain_s: float = Field(1, ge=0, le=60)
    log_level: LogLevel = "info"
    otel_exporter_otlp_endpoint: WebAddress | None = None
    debug: bool = False

    # chains
    exchange_wallets_file: str | None = None

    # addresses: BINANCE_BASE_URL and its like, by provider name in small letters
    base_urls: Mapping[str, str] = Field({}, repr=False)  # a mirror's may hold a password
    ws_urls: Mapping[str, str] = Field({}, repr=False)

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings from an environment (the process's own by default); an empty variable
        counts as absent, and white space around a value is not part of it.

        Raises:
            SettingsError: a variable has a value that it cannot have.
        """
        environ = os.environ if environ is None else environ
        given: dict[str, Any] = {
            name: value
            for name in cls.model_fields
            if (value := environ.get(name.upper(), "").strip())
        }
        given["base_urls"] = dict(_addresses(environ, "_BASE_URL", HTTP))
        given["ws_urls"] = dict(_addresses(environ, "_WS_URL", SOCKET))
        try:
            settings = cls(**given)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            variable = str(first["loc"][0]).upper()
            reason = first["msg"].removeprefix("Value error, ").removeprefix(f"{variable}, ")
            raise SettingsError(f"{variable}: {reason}") from None
        if bool(settings.upstash_redis_rest_url) != bool(settings.upstash_redis_rest_token):
            raise SettingsError(
                "UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN: one is of no use without the"
                " other"
            )
        return settings

    def key(self, variable: str | None) -> str | None:
        """The value of a key by its variable's name, for the provider that needs it."""
        value = getattr(self, variable.lower()) if variable else None
        return value.get_secret_value() if value else None

    def secrets(self) -> Iterator[str]:
        """Every secret value that is set, and passwords in addresses, for masking."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                yield value.get_secret_value()
                yield from passwords_in(value.get_secret_value())
        for addresses in (*self.base_urls.values(), *self.ws_urls.values()):
            for address in addresses.split(","):
                yield from passwords_in(address.strip())


def _addresses(
    environ: Mapping[str, str], ending: str, schemes: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Addresses by name. Only those that are ours are judged: other programs have theirs too."""
    sources = {source for feed in load_feeds() for source in feed.sources}
    for variable, value in environ.items():
        name = variable.removesuffix(ending).lower()
        if not variable.endswith(ending) or not value.strip():
            continue
        if name in sources or name.startswith("rss_") or name.endswith("_rpc"):
            try:
                for one in value.split(","):
                    check_address(one.strip(), *schemes)
            except ValueError as error:
                raise SettingsError(f"{variable}: {error}") from None
        yield name, value.strip()
