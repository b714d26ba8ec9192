"""One function under AWS's Runtime Interface Emulator and AWS's own Python runtime client, in an
interpreter that has nothing else: whatever a function needs comes from its zip and its layers."""

import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from loopback import free_port
from rehearsal.tools import ROOT, WORK, Failed, listens, run, running, tail, wait_until

RUNTIME = WORK / "runtime"
EMULATOR = WORK / "aws-lambda-rie"
MEMBER = "samcli/local/rapid/aws-lambda-rie-x86_64"
PATH = "/2015-03-31/functions/function/invocations"


def fetch_emulator() -> None:
    """The emulator's binary and the interpreter's own environment, unless they are there."""
    if not EMULATOR.exists():
        folder = WORK / "wheels"
        pip("download", "--no-deps", f"--dest={folder}", f"--requirement={_list('emulator')}")
        with zipfile.ZipFile(next(folder.glob("aws_sam_cli-*.whl"))) as wheel:
            EMULATOR.write_bytes(wheel.read(MEMBER))
        EMULATOR.chmod(0o755)
    if not (RUNTIME / "ready").exists():
        run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(RUNTIME)])
        site = next((RUNTIME / "lib").glob("python3*/site-packages"))
        pip("install", f"--target={site}", f"--requirement={_list('runtime')}")
        (RUNTIME / "ready").touch()


def pip(command: str, *words: str) -> None:
    """Run this interpreter's pip on pinned wheels only."""
    pinned = ["--require-hashes", "--only-binary=:all:", "--disable-pip-version-check", "--quiet"]
    run([sys.executable, "-m", "pip", command, *pinned, *words])


class Function:
    """A function that runs, one invocation at a time."""

    def __init__(self, name: str, port: int, log: Path) -> None:
        self.name = name
        self._url = f"http://127.0.0.1:{port}{PATH}"
        self._client = httpx.Client(trust_env=False, timeout=40)
        self._log = log

    def invoke(self, event: Mapping[str, Any]) -> tuple[dict[str, Any], float]:
        """What the function answers, and after how many milliseconds.

        Raises:
            Failed: it raised, ran out of time, or answered nothing that API Gateway takes.
        """
        body = json.dumps(event).encode()
        started = time.perf_counter()
        try:
            reply = self._client.post(self._url, content=body)
        except httpx.HTTPError as error:
            raise self._failed(type(error).__name__) from None
        took_ms = (time.perf_counter() - started) * 1000
        try:
            answer = reply.json()
        except ValueError:
            raise self._failed(reply.text[:500]) from None
        if not isinstance(answer, dict) or "statusCode" not in answer:
            raise self._failed(json.dumps(answer)[:1500])
        return answer, took_ms

    def close(self) -> None:
        """Close the connections to it."""
        self._client.close()

    def _failed(self, said: str) -> Failed:
        return Failed(f"function {self.name} broke: {said}\n{tail(self._log)}")


@contextmanager
def emulated(
    name: str, handler: str, task: Path, layers: Path, env: Mapping[str, str], timeout_s: int
) -> Iterator[Function]:
    """Run a function's unpacked zip above its unpacked layers."""
    port, api_port = free_port(), free_port()
    log = WORK / "logs" / f"{name}.log"
    paths = f"{task}:{layers / 'python'}"
    own = {
        "PATH": os.environ["PATH"],
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout_s),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "LAMBDA_TASK_ROOT": str(task),
        "PYTHONPATH": paths,
        "PYTHONDONTWRITEBYTECODE": "1",  # the task folder is read-only there
        **env,
    }
    words = [
        str(EMULATOR),
        "--runtime-interface-emulator-address",
        f"127.0.0.1:{port}",
        "--runtime-api-address",
        f"127.0.0.1:{api_port}",
        str(RUNTIME / "bin" / "python"),
        "-m",
        "awslambdaric",
        handler,
    ]
    with running(words, log, own, cwd=task):
        wait_until(lambda: listens(port), f"the emulator of {name}", log)
        with closing(Function(name, port, log)) as function:
            yield function


def import_ms(module: str, paths: str, python: Path = RUNTIME / "bin" / "python") -> float:
    """CPU milliseconds that a fresh interpreter spends on importing a module, its own start
    subtracted.

    Raises:
        Failed: the import breaks.
    """
    script = "import time; a = time.process_time(); import {}; print(time.process_time() - a)"
    done = subprocess.run(  # noqa: S603 - words of our own
        [str(python), "-P", "-c", script.format(module)],
        env={"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failed(f"`import {module}` fails from zip and layers alone:\n{done.stderr[-2000:]}")
    return float(done.stdout) * 1000


def _list(name: str) -> Path:
    return ROOT / "rehearsal" / f"{name}.txt"
