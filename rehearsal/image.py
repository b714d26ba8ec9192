"""The Space's image, built as a Space would, and asked everything.

    python -m rehearsal.image build     as `make image` does
    python -m rehearsal.image check     as `make image-check` does: run it, ask every endpoint

Docker does it where there is one, buildah elsewhere. Where the base image cannot be fetched,
buildah gets one of the same Python made from Debian packages, for the check only.

Takes minutes. Ends with 0, or with 1 and what failed.
"""

import json
import os
import shutil
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
from rehearsal.questions import Question, is_good, question_for
from rehearsal.space import API_KEYS, ask
from rehearsal.tools import ROOT, Failed, free_port, plain_env, run, running, tail, wait_until

NAME = "dreammaker"
BASE = "docker.io/library/python:3.11-slim"
FOLDER = ROOT / "build" / "image"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
LOG = FOLDER / "run.log"
BEGAN = FOLDER / "began"
NOT_OURS = {"tmp", "proc", "sys", "dev", "run", "etc"}
"""What is meant to be written, and what the tool itself puts into a container."""
MOST_STOP_S = 5.0


class Docker:
    """An engine that builds and isolates by itself."""

    def build(self) -> None:
        """Build the image."""
        run(["docker", "build", "--tag", NAME, "."])

    def size(self) -> int:
        """Bytes of the image."""
        return int(run(["docker", "image", "inspect", "--format", "{{.Size}}", NAME]))

    def configuration(self) -> tuple[str, list[str]]:
        """User and command of the image."""
        told = json.loads(run(["docker", "image", "inspect", NAME]))[0]["Config"]
        return told["User"], told["Cmd"]

    def written(self) -> list[str]:
        """Nothing: its root was read-only."""
        return []

    def words(self, port: int) -> list[str]:
        """The command that runs the image in the sandbox, its root read-only."""
        shown = f"127.0.0.1:{port}:7860"
        words = ["docker", "run", "--rm", "--read-only", "--tmpfs=/tmp", "--publish", shown]
        words += ["--env", f"API_KEYS={API_KEYS}", "--env", "RATE_LIMIT_IP=0", NAME]
        return [*words, *self.configuration()[1][:-1], "sandbox"]


class Buildah:
    """No engine: each step in a chroot, on the host's network."""

    def __init__(self) -> None:
        store = [f"--root={FOLDER / 'store'}", f"--runroot={FOLDER / 'run'}"]
        self._buildah = ["buildah", *store, "--storage-driver=vfs"]

    def build(self) -> None:
        """Build the image, over a base of our own where there is none to fetch."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        trusted = []
        if not self._has_base():
            self._make_base()
        if (FOLDER / "rootfs").exists():  # the stand-in knows no certificates but Debian's
            trusted = [f"--volume={CERTIFICATES}:{CERTIFICATES}:ro"]
        build = ["bud", "--isolation=chroot", "--format=docker", "--pull-never", "--layers=false"]
        run([*self._buildah, *build, *trusted, f"--tag={NAME}", "."], dict(os.environ))

    def size(self) -> int:
        """Bytes of the image's root."""
        found = json.loads(run([*self._buildah, "images", "--json", NAME]))
        return _bytes(found[0]["size"])

    def configuration(self) -> tuple[str, list[str]]:
        """User and command of the image."""
        told = json.loads(run([*self._buildah, "inspect", "--type=image", NAME]))
        config = told["Docker"]["config"]
        return config["User"], config["Cmd"]

    def words(self, port: int) -> list[str]:
        """The command that runs the image in the sandbox."""
        run([*self._buildah, "from", "--pull-never", "--name=checked", NAME])
        BEGAN.touch()
        cmd = [*self.configuration()[1][:-1], "sandbox", "--host", "127.0.0.1", "--port", str(port)]
        settings = [f"--env=API_KEYS={API_KEYS}", "--env=RATE_LIMIT_IP=0"]
        return [*self._buildah, "run", "--isolation=chroot", *settings, "checked", "--", *cmd]

    def written(self) -> list[str]:
        """Files outside /tmp that the container wrote: there is no read-only root in a chroot."""
        root = Path(run([*self._buildah, "mount", "checked"]).strip())
        return sorted(_newer(root, BEGAN.stat().st_mtime))

    def forget(self) -> None:
        """Remove the container that was run."""
        subprocess.run(  # noqa: S603 - words of our own
            [*self._buildah, "rm", "checked"], capture_output=True, check=False
        )

    def _has_base(self) -> bool:
        for words in (["inspect", "--type=image", BASE], ["pull", "--quiet", BASE]):
            try:
                done = subprocess.run(  # noqa: S603 - words of our own
                    [*self._buildah, *words], capture_output=True, timeout=120, check=False
                )
            except subprocess.TimeoutExpired:
                continue
            if done.returncode == 0:
                return True
        return False

    def _make_base(self) -> None:
        """Debian 12's own Python 3.11 under the base's name."""
        sys.stderr.write(f"{BASE} cannot be fetched: making a stand-in with debootstrap\n")
        root = FOLDER / "rootfs"
        if not (root / "usr/bin/python").exists():
            packages = "ca-certificates,python3,python3-pip,python3-venv"
            words = ["debootstrap", "--variant=minbase", f"--include={packages}", "bookworm"]
            run([*words, str(root)], dict(os.environ))
            (root / "usr/lib/python3.11/EXTERNALLY-MANAGED").unlink(missing_ok=True)
            (root / "usr/bin/python").symlink_to("python3")
        for words in (
            ["from", "--name=base", "scratch"],
            ["add", "--quiet", "base", str(root), "/"],
            ["config", "--env=PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "base"],
            ["commit", "--quiet", "base", BASE],
            ["rm", "base"],
        ):
            run([*self._buildah, *words])


def engine() -> Docker | Buildah:
    """Docker if it answers, else buildah.

    Raises:
        Failed: there is neither.
    """
    if shutil.which("docker"):
        words = ["docker", "info", "--format", "{{.ID}}"]
        if subprocess.run(words, capture_output=True, check=False).returncode == 0:  # noqa: S603
            return Docker()
    if shutil.which("buildah"):
        return Buildah()
    raise Failed("Neither a Docker engine nor buildah: apt-get install buildah crun debootstrap")


def check(chosen: Docker | Buildah) -> None:
    """Run the image and ask it everything.

    Raises:
        Failed: its user, an answer, what it wrote, or how long it takes to stop.
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
        written = chosen.written()
        if written:
            raise Failed(f"It wrote outside /tmp: {', '.join(written[:5])}")
        owner = _owner_of(port)
        took_s = _stop(process)
    sys.stdout.write(
        f"{chosen.size() / 1e6:.0f} MB; {len(asked)} endpoints answered as uid {owner}; nothing "
        f"written outside /tmp; stopped {took_s:.1f} s after SIGTERM\n"
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


def _newer(root: Path, since_s: float) -> Iterator[str]:
    """Files under a root that were written since."""
    for folder, inside, files in os.walk(root):
        if folder == str(root):
            inside[:] = [name for name in inside if name not in NOT_OURS]
        for path in (Path(folder, name) for name in files):
            if path.lstat().st_mtime > since_s:
                yield str(path.relative_to(root))


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


def _bytes(text: str) -> int:
    number, _, unit = text.partition(" ")
    return round(float(number) * {"KB": 1e3, "MB": 1e6, "GB": 1e9}.get(unit, 1))


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
