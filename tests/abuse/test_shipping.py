"""What leaves this folder, and under which headers: no secret in zips or images, nobody is root."""

import re
import zipfile
from pathlib import Path

import pytest

from adapters.deploy.bundle import contents, write_zip
from functions import load_endpoints
from lib.auth import mint_key
from tests.house import House

ROOT = Path(__file__).resolve().parents[2]
KEY, KEY_HASH = mint_key()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
FILES = sorted(path.stem for path in (ROOT / "functions").glob("*.py") if path.stem != "__init__")
CANARY = "canary.of.the.machine.that.builds"


# zips


@pytest.mark.parametrize("name", FILES)
def test_a_zip_has_modules_and_tables_of_ours_and_nothing_else(name: str) -> None:
    for path in contents(name, "ai"):
        assert path.parts[0] in ("adapters", "functions", "lib")
        assert path.suffix in (".py", ".csv", ".json", ".npz", ".npy")
        assert not any(part.startswith(".") for part in path.parts)


@pytest.mark.parametrize("name", ["price", "openapi"])
def test_no_setting_of_the_machine_that_builds_gets_into_a_zip(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("COINGECKO_API_KEY", "HF_TOKEN", "DATABASE_URL", "API_KEYS", "CMC_API_KEY"):
        monkeypatch.setenv(variable, f"{CANARY}:{KEY_HASH}")

    with zipfile.ZipFile(write_zip(name, "light", tmp_path)) as archive:
        parts = [archive.read(entry) for entry in archive.namelist()]

    assert len(parts) > 20
    assert not [part for part in parts if CANARY.encode() in part]


# the image


def instructions(word: str) -> list[str]:
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line.split(None, 1)[1] for line in joined.splitlines() if line.startswith(f"{word} ")]


def test_the_image_runs_as_nobody_in_particular() -> None:
    users = instructions("USER")

    assert users == ["1000"]
    assert DOCKERFILE.index("USER 1000") < DOCKERFILE.index('CMD ["python"')
    assert "sudo" not in DOCKERFILE
    assert "chmod 777" not in DOCKERFILE


def test_the_image_takes_named_folders_and_hashed_packages_only() -> None:
    copied = [words.split()[:-1] for words in instructions("COPY")]
    sources = {source for words in copied for source in words if not source.startswith("--")}
    allowed = {"requirements/space.txt", "requirements/page.txt", "LICENSE", "local_server.py",
               "adapters", "docs/examples", "functions", "lib", "/opt/venv"}  # fmt: skip

    assert sources <= allowed
    assert instructions("ADD") == []
    assert DOCKERFILE.count("pip install") == DOCKERFILE.count("--require-hashes")


def test_no_secret_is_built_into_the_image() -> None:
    built_in = " ".join(instructions("ENV") + instructions("ARG")).upper()

    assert not re.search(r"KEY|TOKEN|SECRET|PASSWORD|_URL", built_in)


def test_nothing_in_the_example_of_an_environment_is_a_real_secret() -> None:
    for line in (ROOT / ".env.example").read_text().splitlines():
        name, _, value = line.lstrip("# ").partition("=")
        if re.fullmatch(r"[A-Z_]*(KEY|KEYS|TOKEN|SECRET)", name):
            assert not value.partition("#")[0].strip().strip("0123456789"), line


# headers

KINDS = ["/", "/docs", "/api/price/BTC", "/nowhere", "/openapi.json", "/health", "/api/usage",
         "/static/page.css", "/docs/docs.css", "/api/market?limit=0"]  # fmt: skip


@pytest.mark.parametrize("target", KINDS)
async def test_every_answer_is_what_it_says_and_leads_nobody_on(target: str, house: House) -> None:
    answer = await house.get(target, accept="text/html")

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "server" not in answer.headers
    assert "x-powered-by" not in answer.headers
    kind = answer.headers["content-type"]
    if kind.startswith("text/html"):
        policy = dict(
            part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; ")
        )
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == "'self'"
        assert policy["base-uri"] == policy["form-action"] == "'none'"
        assert "*" not in policy["frame-ancestors"].replace("https://*.hf.space", "")
        assert "unsafe" not in answer.headers["content-security-policy"]
    else:
        assert kind.partition(";")[0] in ("application/json", "text/css")


async def test_no_error_is_ever_html(house: House) -> None:
    for target in ("/nowhere", "/api/price/<script>", "/docs/nowhere", "/static/<img>", "/%00"):
        answer = await house.get(target, accept="text/html,*/*")
        assert answer.status >= 400
        assert answer.headers["content-type"].startswith("application/")


async def test_what_needs_a_key_is_kept_by_no_cache() -> None:
    async with House(settings={"API_KEYS": f"tester:{KEY_HASH}"}) as house:
        for endpoint in load_endpoints():
            if endpoint.auth == "key" and endpoint.method == "GET":
                answer = await house.get(endpoint.path, x_api_key=KEY)
                assert answer.status == 200
                assert answer.headers["cache-control"] == "no-store", endpoint.path
