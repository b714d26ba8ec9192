"""A canary in every secret setting, and nowhere else: whatever the upstreams do that get them."""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from pydantic import SecretStr
from websockets.asyncio.client import connect

from functions import load_endpoints
from lib.addresses import DatabaseAddress, RedisAddress
from lib.auth import mint_key
from lib.runtime import build_runtime, load_providers
from lib.settings import KeyEntries, Settings, SettingsError
from rehearsal.questions import question_for
from tests.abuse.keyhole import Echoing
from tests.service import LOGS, ROOT, running_service

pytestmark = pytest.mark.anyio

KEY, KEY_HASH = mint_key()


def is_secret(annotation: Any) -> bool:
    """Whether a setting of this type is a secret, however it is wrapped."""
    return annotation is SecretStr or any(is_secret(part) for part in get_args(annotation))


SECRETS = sorted(n for n, f in Settings.model_fields.items() if is_secret(f.annotation))


def canary(name: str) -> str:
    """What may be seen nowhere: it is made anew for each setting."""
    return f"canary.{sha256(name.encode()).hexdigest()[:24]}"


def planted(upstream: str) -> tuple[dict[str, str], set[str]]:
    """Settings with a canary in each secret, and all that must not be seen."""
    settings: dict[str, str] = {}
    unseen = {KEY, KEY_HASH}
    for name in SECRETS:
        told = canary(name)
        if name == "redis_url":
            told = f"redis://:{canary(name)}@127.0.0.1:9/0"
        elif name == "database_url":
            told = f"postgresql://somebody:{canary(name)}@127.0.0.1:9/ledger"
        elif name == "api_keys":
            told = f"tester:{KEY_HASH}"
        settings[name.upper()] = told
        unseen |= {told, canary(name)}
    names = set(load_providers()) - {"binance"}
    settings |= {f"{name.upper()}_BASE_URL": f"{upstream}/{name}" for name in names}
    password = canary("a mirror's password")
    host = upstream.removeprefix("http://")
    settings["BINANCE_BASE_URL"] = f"http://somebody:{password}@{host}/binance"
    settings |= {f"{name}_URL": f"{upstream}/hf" for name in ("HF_SENTIMENT", "HF_FORECAST")}
    settings["UPSTASH_REDIS_REST_URL"] = f"{upstream}/store"
    return settings, unseen | {password}


def test_the_list_of_secrets_is_that_of_the_settings() -> None:
    """So that a secret setting that is no `SecretStr` is noticed here."""
    words = ("key", "token", "secret", "password", "database_url", "redis_url")
    by_name = {
        n
        for n in Settings.model_fields
        if any(word in n for word in words)
        and not n.startswith("rate_")
        and n != "upstash_redis_rest_url"
    }

    assert by_name <= set(SECRETS)
    assert len(SECRETS) >= 13
    assert [a for a in (RedisAddress, DatabaseAddress, KeyEntries) if not is_secret(a)] == []


@pytest.fixture(scope="module")
def told() -> Iterator[tuple[str, set[str], str]]:
    """Everything that a server says, and what upstreams heard, in good times and bad."""
    with Echoing() as upstream:
        settings, unseen = planted(upstream.root)
        flags = ("--upstream", "live")
        with running_service(*flags, RATE_LIMIT_IP="0", RATE_LIMIT_KEY="0", DEBUG="true",
                             LOG_LEVEL="debug", **settings) as root:  # fmt: skip
            said = asyncio.run(_everything(root, upstream))
            log = (LOGS / f"service-{root.rpartition(':')[2]}.log").read_text()
        yield said + log, unseen, upstream.heard


async def _everything(root: str, upstream: Echoing) -> str:
    said = []
    async with httpx.AsyncClient(base_url=root, timeout=20, trust_env=False) as client:
        for echoing in (False, True):
            upstream.echoing = echoing
            key = {"Authorization": f"Bearer {KEY}"}
            await client.post("/api/admin/cache/purge", headers=key)
            for endpoint in load_endpoints():
                ask = question_for(endpoint)
                if "/api/admin/" in ask.target:
                    continue
                headers = {**ask.headers, **key, "Origin": "https://a.example"}
                answer = await client.request(
                    ask.method, ask.target, headers=headers, content=ask.body or None
                )
                said.append(f"{answer.status_code} {answer.headers}\n{answer.text}")
            wrong = await client.get("/api/usage", headers={"Authorization": f"Bearer {KEY}x"})
            said.append(f"{wrong.status_code} {wrong.text}")
    async with connect(root.replace("http", "ws") + "/ws") as client:
        for message in ({"action": "auth", "token": KEY}, {"type": "subscribe", "symbol": "BTC"},
                        {"action": "subscribe", "service": "/api/usage"}):  # fmt: skip
            await client.send(json.dumps(message))
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                while True:
                    said.append(str(await client.recv()))
    return "\n".join(said)


async def test_upstreams_got_the_keys_and_refused_and_served(
    told: tuple[str, set[str], str],
) -> None:
    said, _, heard = told
    to_upstreams = [n for n in SECRETS if n not in ("redis_url", "database_url", "api_keys")]
    # blockscout stands behind etherscan, which has answered or refused first
    asked = [name for name in to_upstreams if canary(name) in heard]

    assert set(to_upstreams) - set(asked) <= {"blockscout_key"}
    assert '"success":true' in said
    assert "503" in said


async def test_no_canary_is_in_anything_that_the_server_says(
    told: tuple[str, set[str], str],
) -> None:
    said, unseen, _ = told

    seen = [secret[:12] for secret in unseen if secret in said]
    assert seen == []


async def test_no_canary_is_in_the_parts_as_python_shows_them() -> None:
    settings, unseen = planted("http://127.0.0.1:9")
    read = Settings.load(settings)
    runtime = build_runtime(read)
    shown = [repr(read), str(read), repr(runtime), str(vars(runtime)), f"{read.secrets()}"]
    for name, gate in runtime.highway.gates.items():
        shown += [name, repr(gate), repr(gate.provider)]
    await runtime.aclose()

    seen = [secret[:12] for secret in unseen if secret in "\n".join(shown)]
    assert seen == []


@pytest.mark.parametrize("name", SECRETS)
def test_a_setting_that_cannot_be_read_is_not_repeated(name: str) -> None:
    told = ""
    try:
        Settings.load({name.upper(): f"\u00e4 {canary(name)} :,:"})
    except SettingsError as error:
        told = f"{error!r} {error.__cause__!r}"

    assert canary(name) not in told


def test_a_fault_in_a_secret_address_is_told_without_it() -> None:
    for variable in ("REDIS_URL", "DATABASE_URL", "API_KEYS", "BINANCE_BASE_URL"):
        with pytest.raises(SettingsError, match=variable) as refused:
            Settings.load({variable: f"nonsense {canary(variable)}"})
        assert canary(variable) not in str(refused.value)


# what leaves this folder


def test_env_files_are_ignored_by_git_and_never_sent_to_a_build() -> None:
    for name in (".env", ".env.local", ".env.production"):
        done = subprocess.run(
            ["git", "check-ignore", "-q", name], cwd=ROOT, check=False, capture_output=True
        )
        assert done.returncode == 0, name
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in rules  # nothing is sent but what is named
    named = [rule[1:] for rule in rules if rule.startswith("!")]
    assert not [name for name in named if name.startswith(".") or name in ("*", "**")]


def test_no_tracked_file_is_an_env_file_or_a_private_key() -> None:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
    names = [Path(line) for line in done.stdout.splitlines()]

    kept = {".env.example"}
    assert not [n for n in names if n.name.startswith(".env") and n.name not in kept]
    assert not [n for n in names if n.suffix in (".pem", ".key", ".p12", ".pfx", ".sqlite3")]
