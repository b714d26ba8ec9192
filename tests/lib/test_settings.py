"""Settings: read once, judged at once, and never told to anybody."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from lib.addresses import is_origin, passwords_in
from lib.settings import Settings, SettingsError

ROOT = Path(__file__).parents[2]
DIGEST = "a" * 64


def test_everything_has_a_default() -> None:
    settings = Settings.load({})

    assert (settings.rate_limit_ip, settings.rate_limit_key) == (100, 1000)
    assert (settings.trusted_proxies, settings.cors_origins) == (0, ())
    assert (settings.ws_max_connections, settings.ws_max_symbols) == (1000, 100)
    assert (settings.ws_heartbeat_s, settings.ws_idle_s) == (30, 60)
    assert (settings.cache_ttl_default, settings.max_workers) == (60, 4)
    assert (settings.log_level, settings.debug) == ("info", False)
    assert settings.api_keys is None


def test_each_field_is_the_variable_of_the_same_name() -> None:
    settings = Settings.load(
        {
            "RATE_LIMIT_IP": "7",
            "DEBUG": "true",
            "WS_IDLE_S": "1.5",
            "LOG_LEVEL": "WARNING",
            "CORS_ORIGINS": "https://a.example, http://localhost:3000,",
            "COINGECKO_API_KEY": "demo-key",
            "REDIS_URL": "rediss://:pw@redis.example:6380/1",
            "DATABASE_URL": "postgresql+psycopg://u:p@db.example/name",
        }
    )

    assert (settings.rate_limit_ip, settings.debug, settings.ws_idle_s) == (7, True, 1.5)
    assert settings.log_level == "warning"
    assert settings.cors_origins == ("https://a.example", "http://localhost:3000")
    assert settings.key("COINGECKO_API_KEY") == "demo-key"
    assert settings.key("CMC_API_KEY") is None
    assert settings.key(None) is None


def test_an_empty_variable_counts_as_absent() -> None:
    blank = {name.upper(): "  " for name in Settings.model_fields}

    assert Settings.load(blank) == Settings.load({})


def test_white_space_around_a_value_is_not_part_of_it() -> None:
    settings = Settings.load({"CMC_API_KEY": " key\n", "RATE_LIMIT_IP": " 5 ", "DEBUG": "true\n"})

    assert settings.key("CMC_API_KEY") == "key"
    assert (settings.rate_limit_ip, settings.debug) == (5, True)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RATE_LIMIT_IP", "-1"),
        ("RATE_LIMIT_IP", "many"),
        ("RATE_LIMIT_IP", "1.5"),
        ("RATE_LIMIT_KEY", "1000001"),
        ("TRUSTED_PROXIES", "11"),
        ("TRUSTED_PROXIES", "true?"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "null"),
        ("CORS_ORIGINS", "example.org"),
        ("CORS_ORIGINS", "https://a.example/"),
        ("CORS_ORIGINS", "https://a.example;https://b.example"),
        ("WS_MAX_CONNECTIONS", "0"),
        ("WS_HEARTBEAT_S", "0"),
        ("WS_HEARTBEAT_S", "nan"),
        ("WS_IDLE_S", "inf"),
        ("WS_MAX_SYMBOLS", "0"),
        ("CACHE_TTL_DEFAULT", "-5"),
        ("CACHE_TTL_DEFAULT", "86401"),
        ("MAX_WORKERS", "0"),
        ("MAX_WORKERS", "65"),
        ("LOG_LEVEL", "loud"),
        ("DEBUG", "perhaps"),
        ("API_KEYS", "no-colon"),
        ("API_KEYS", "name:notahash"),
        ("API_KEYS", f"a:{DIGEST},b:{DIGEST}"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "http://localhost"),
        ("REDIS_URL", "redis://"),
        ("DATABASE_URL", "mysql://u:p@h/d"),
        ("DATABASE_URL", "postgres"),
        ("UPSTASH_REDIS_REST_URL", "db.upstash.io"),
        ("HF_FORECAST_URL", "huggingface"),
        ("HF_SENTIMENT_URL", "ftp://x.example"),
        ("BINANCE_BASE_URL", "data-api.binance.vision"),
        ("BINANCE_BASE_URL", "https://"),
        ("BINANCE_BASE_URL", "https://a b"),
        ("BINANCE_BASE_URL", "https://a.example\x00"),
        ("COINGECKO_BASE_URL", "htp://x.example"),
        ("RSS_COINDESK_BASE_URL", "x.example"),
        ("ETHEREUM_RPC_BASE_URL", "https://a.example, b.example"),
        ("BINANCE_WS_URL", "https://stream.binance.example"),
        ("BINANCE_BASE_URL", "http://a.example:99999"),
        ("HF_FORECAST_URL", "http://a.example:port"),
        ("UPSTASH_REDIS_REST_URL", "https://[::1"),
        ("REDIS_URL", "redis://u:p@redis.example:65536/0"),
        ("REDIS_URL", "redis://redis.example/cache"),
        ("DATABASE_URL", "postgresql://u:p/w@db.example/name"),
        ("DATABASE_URL", "postgresql://u:p@[::1/name"),
        ("COINGECKO_API_KEY", "CG-kéy"),
        ("CMC_API_KEY", "first\nsecond"),
        ("TWITTER_BEARER_TOKEN", "Bearer token"),
        ("HF_TOKEN", "hf_\udcff"),
        ("UPSTASH_REDIS_REST_TOKEN", "tökén"),
    ],
)
def test_a_bad_value_is_refused_under_its_variables_name(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{variable}: ."):
        Settings.load({variable: value})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("API_KEYS", "name:canary-secret"),
        ("API_KEYS", "canary-secret"),
        ("REDIS_URL", "canary-secret"),
        ("DATABASE_URL", "mysql://u:canary-secret@h/d"),
        ("DATABASE_URL", "postgresql://u:canary-secret@h:port/d"),
        ("REDIS_URL", "redis://u:canary-secret@h:99999/0"),
        ("REDIS_URL", "redis://u:canary-secret@h/name"),
        ("ETHERSCAN_KEY", "canary-secret key"),
    ],
)
def test_a_refusal_never_repeats_a_secret(variable: str, value: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.load({variable: value})

    assert "canary" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


@pytest.mark.parametrize(
    "half",
    [
        {"UPSTASH_REDIS_REST_URL": "https://db.upstash.example"},
        {"UPSTASH_REDIS_REST_TOKEN": "canary-secret"},
    ],
)
def test_half_of_a_store_is_refused(half: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN"):
        Settings.load(half)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("REDIS_URL", "redis://:p%40w@[::1]:6380/3"),
        ("REDIS_URL", "redis://redis.example"),
        ("REDIS_URL", "unix:///run/redis.sock?db=2"),
        ("DATABASE_URL", "sqlite:////data/ledger.sqlite3"),
        ("DATABASE_URL", "postgresql://u:p%2Fw@db.example:5432/name?sslmode=require"),
    ],
)
def test_an_address_of_a_store_may_be_written_so(variable: str, value: str) -> None:
    settings = Settings.load({variable: value})

    assert settings.key(variable) == value


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings.load({}).rate_limit_ip = 5


# addresses


def test_addresses_of_upstreams_are_known_by_their_providers_name() -> None:
    settings = Settings.load(
        {
            "BINANCE_BASE_URL": " https://mirror.example/binance ",
            "KRAKEN_WS_URL": "wss://ws.mirror.example",
            "ETHEREUM_RPC_BASE_URL": "https://a.example, https://b.example",
            "UNRELATED": "x",
        }
    )

    assert settings.base_urls == {
        "binance": "https://mirror.example/binance",
        "ethereum_rpc": "https://a.example, https://b.example",
    }
    assert settings.ws_urls == {"kraken": "wss://ws.mirror.example"}


def test_addresses_of_other_programs_are_not_judged() -> None:
    Settings.load({"NEXT_PUBLIC_BASE_URL": "/app", "OTHER_WS_URL": "nonsense"})


@pytest.mark.parametrize(
    "text", ["https://a.example", "http://localhost:3000", "http://[::1]:5173", "https://a_b.c-d.e"]
)
def test_what_is_an_origin(text: str) -> None:
    assert is_origin(text)


@pytest.mark.parametrize(
    "text",
    ["", "*", "null", "https://a.example/", "https://a.example\n", "https://", "//a.example"],
)
def test_what_is_no_origin(text: str) -> None:
    assert not is_origin(text)


# secrets


def canaries() -> dict[str, str]:
    """A value for every setting that is a secret."""
    secret = {
        name
        for name, info in Settings.model_fields.items()
        if "Secret" in str(info.annotation) or "Secret" in str(info)
    }
    made = {name.upper(): f"canary-{name}" for name in secret}
    return made | {
        "API_KEYS": f"canary:{DIGEST}",
        "REDIS_URL": "redis://user:canary%40redis@h:1/0",
        "DATABASE_URL": "postgresql://u:canary-pg@h/d",
        "UPSTASH_REDIS_REST_URL": "https://db.upstash.example",
    }


def test_there_are_secrets_to_speak_of() -> None:
    assert {"COINGECKO_API_KEY", "HF_TOKEN", "REDIS_URL", "API_KEYS"} <= set(canaries())
    assert len(canaries()) >= 12


def test_no_secret_shows_in_any_form_of_the_settings() -> None:
    settings = Settings.load(canaries())

    for shown in (
        repr(settings),
        str(settings),
        str(settings.model_dump()),
        f"{settings!r:.99999}",
    ):
        assert "canary" not in shown
    assert "canary" not in settings.model_dump_json()


def test_every_secret_is_known_for_masking() -> None:
    settings = Settings.load(canaries())

    secrets = set(settings.secrets())
    held = [v for v in vars(settings).values() if isinstance(v, SecretStr)]
    assert {value.get_secret_value() for value in held} <= secrets
    assert {"canary%40redis", "canary@redis", "canary-pg"} <= secrets


def test_an_address_without_a_password_has_none() -> None:
    assert list(passwords_in("redis://localhost:6379")) == []
    assert list(passwords_in("redis://[broken")) == []
    assert list(passwords_in("not an address")) == []


# the example


def test_the_example_names_every_setting_and_can_be_read() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    # as Docker and systemd read it: a value is the whole rest of its line
    named = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    settings = {name.upper() for name in Settings.model_fields} - {"BASE_URLS", "WS_URLS"}
    assert settings <= set(named)
    defaults = Settings.load({})
    assert (
        Settings.load(named).model_copy(
            update={"base_urls": defaults.base_urls, "ws_urls": defaults.ws_urls}
        )
        == defaults
    )
