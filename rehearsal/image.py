"""The Space's image, built as a Space would, and asked everything.

    python -m rehearsal.image build     as `make image` does
    python -m rehearsal.image check     as `make image-check` does: run it, ask every endpoint

Docker does it where there is one, buildah elsewhere (rehearsal/engines.py).

Takes minutes. Ends with 0, or with 1 and what failed.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from functions import load_endpoints
from lib.command import command
from loopback import free_port
from rehearsal.engines import FOLDER, NAME, Buildah, Docker, engine
from rehearsal.questions import Question, is_good, question_for
from rehearsal.space import ask
from rehearsal.tools import Failed, plain_env, running, tail, wait_until

LOG = FOLDER / "run.log"
MOST_STOP_S = 5.0


def check(chosen: Docker | Buildah) -> None:
    """Run the image and ask it everything.

    Raises:
        Failed: its user, an answer, or how long it takes to stop.
    """
    user, _ = chosen.configuration()
    if user != "1000":
        raise Failed(f"The image runs as {user or 'root'}, not as 1000")
    port = free_port()
    root = f"http://127.0.0.1:{port}"
    with container(chosen, port) as process:
        wait_until(lambda: _is_up(root), "the image", LOG)
        asked = [e for e in load_endpoints() if not e.path.startswith("/api/admin/")]
        for endpoint in asked:
            question = question_for(endpoint)
            answer = ask(root, question)
            if not is_good(endpoint, answer.status_code, answer.content):
                raise Failed(f"{question.target}: {answer.status_code} {answer.text[:300]}")
        nowhere = ask(root, Question("GET", "/nowhere", {}, b""))
        if nowhere.status_code != 404:
            raise Failed(f"/nowhere: {nowhere.status_code}")
        owner = _owner_of(port)
        took_s = _stop(process)
    sys.stdout.write(
        f"{chosen.size() / 1e6:.0f} MB; {len(asked)} endpoints answered as uid {owner}, its root "
        f"read-only; stopped {took_s:.1f} s after SIGTERM\n"
    )


@contextmanager
def container(chosen: Docker | Buildah, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The image, running."""
    try:
        with running(chosen.words(port), LOG, plain_env()) as process:
            yield process
    finally:
        if isinstance(chosen, Buildah):
            chosen.forget()


def _is_up(root: str) -> bool:
    try:
        return httpx.get(f"{root}/health/live", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _owner_of(port: int) -> str:
    """The user whose process serves a port, as the host sees it; `?` behind an engine's proxy."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"local_server.py" in command and str(port).encode() in command and b"--" not in command:
            return str(folder.stat().st_uid)
    return "?"


def _stop(process: subprocess.Popen[bytes]) -> float:
    """End the server inside with SIGTERM; seconds until its container is gone.

    Raises:
        Failed: more than five.
    """
    started = time.monotonic()
    inside = _children(process.pid) or [process.pid]
    for pid in inside:
        os.kill(pid, signal.SIGTERM)
    try:
        process.wait(timeout=MOST_STOP_S)
    except subprocess.TimeoutExpired:
        raise Failed(f"It did not stop within {MOST_STOP_S} s:\n{tail(LOG)}") from None
    return time.monotonic() - started


def _children(pid: int) -> Sequence[int]:
    """The servers among a process's descendants."""
    found: list[int] = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        command = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        if b"local_server.py" in command and b"--" not in command:
            found.append(int(child))
        else:
            found += _children(int(child))
    return found


def main() -> int:
    """Build or check, as asked."""
    parser = command(__doc__)
    parser.add_argument("what", choices=["build", "check"], help="what to do")
    options = parser.parse_args()
    try:
        chosen = engine()
        if options.what == "build":
            chosen.build()
            sys.stdout.write(f"{NAME}: {chosen.size() / 1e6:.0f} MB\n")
        else:
            check(chosen)
    except Failed as failed:
        sys.stderr.write(f"{failed}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
