"""Every setting, read once from an environment that is passed in; secrets never show."""

import os
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError


class SettingsError(Exception):
    """A variable that cannot be read; the sentence names it and what it accepts."""


def _words(text: Any) -> Any:
    return tuple(w.strip() for w in text.split(",") if w.strip()) if isinstance(text, str) else text


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]


class Settings(BaseModel):
    """The service's settings. Each field is the environment variable of the same name in capitals;
    `.env.example` explains them."""

    model_config = ConfigDict(frozen=True)

    # keys of upstreams, all optional
    coingecko_api_key: SecretStr | None = None
    cmc_api_key: SecretStr | None = None
    newsapi_key: SecretStr | None = None
    cryptopanic_key: SecretStr | None = None
    twitter_bearer_token: SecretStr | None = None
    etherscan_key: SecretStr | None = None
    blockscout_key: SecretStr | None = None
    whale_alert_key: SecretStr | None = None
    hf_token: SecretStr | None = None
    hf_forecast_url: str | None = None
    hf_sentiment_url: str | None = None

    # stores
    redis_url: SecretStr | None = None
    upstash_redis_rest_url: str | None = None
    upstash_redis_rest_token: SecretStr | None = None
    database_url: SecretStr | None = None

    # callers
    api_keys: SecretStr | None = None
    rate_limit_ip: int = Field(100, ge=0, le=1_000_000)
    rate_limit_key: int = Field(1000, ge=0, le=1_000_000)
    trusted_proxies: int = Field(0, ge=0, le=10)
    cors_origins: Words = ()

    # sockets
    ws_max_connections: int = Field(1000, ge=1, le=100_000)
    ws_heartbeat_s: float = Field(30, gt=0, le=3600)
    ws_idle_s: float = Field(60, gt=0, le=3600)
    ws_max_symbols: int = Field(100, ge=1, le=5000)

    # the process
    cache_ttl_default: int = Field(60, ge=0, le=86400)
    max_workers: int = Field(4, ge=1, le=64)
    log_level: str = Field("info", pattern="^(?i:debug|info|warning|error)$")
    debug: bool = False

    # addresses: BINANCE_BASE_URL and its like, by provider name in small letters
    base_urls: Mapping[str, str] = {}
    ws_urls: Mapping[str, str] = {}

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings from an environment (the process's own by default); an empty variable
        counts as absent.

        Raises:
            SettingsError: a variable has a value that it cannot have.
        """
        environ = os.environ if environ is None else environ
        given: dict[str, Any] = {
            name: environ[name.upper()]
            for name in cls.model_fields
            if environ.get(name.upper(), "").strip()
        }
        given["base_urls"] = dict(_addresses(environ, "_BASE_URL"))
        given["ws_urls"] = dict(_addresses(environ, "_WS_URL"))
        try:
            return cls(**given)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            raise SettingsError(f"{str(first['loc'][0]).upper()}: {first['msg']}") from None

    def key(self, variable: str | None) -> str | None:
        """The value of a key by its variable's name, for the provider that needs it."""
        value = getattr(self, variable.lower()) if variable else None
        return value.get_secret_value() if value else None

    def secrets(self) -> Iterator[str]:
        """Every secret value that is set, for masking."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                yield value.get_secret_value()


def _addresses(environ: Mapping[str, str], ending: str) -> Iterator[tuple[str, str]]:
    for name, value in environ.items():
        if name.endswith(ending) and value.strip():
            yield name.removesuffix(ending).lower(), value.strip()
