"""What builds the Space's image and runs it: Docker where there is one, buildah elsewhere.

Where the base image cannot be fetched, buildah gets one of the same Python made from Debian
packages, for the check only.
"""

import json
import os
import shutil
import subprocess
import sys
from typing import Any

from rehearsal.space import API_KEYS
from rehearsal.tools import ROOT, Failed, run

NAME = "dreammaker"
BASE = "docker.io/library/python:3.11-slim"
FOLDER = ROOT / "build" / "image"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


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

    def words(self, port: int) -> list[str]:
        """The command that runs the image in the sandbox, its root read-only."""
        shown = f"127.0.0.1:{port}:7860"
        words = ["docker", "run", "--rm", "--read-only", "--tmpfs=/tmp", "--publish", shown]
        words += ["--env", f"API_KEYS={API_KEYS}", "--env", "RATE_LIMIT_IP=0", NAME]
        return [*words, *self.configuration()[1][:-1], "sandbox"]


READ_ONLY = """
root=$1 user=$2; shift 2
mount --bind "$root" "$root"; cd "$root"
mount -t proc proc proc
mount -t tmpfs -o mode=755 tmpfs dev
for one in null zero random urandom; do touch dev/$one; mount --bind /dev/$one dev/$one; done
mount -t tmpfs -o mode=1777,nosuid,nodev,noexec tmpfs tmp
mount -o remount,bind,ro "$root"
exec chroot --userspec="$user:$user" --groups= "$root" "$@"
"""
"""By hand what `docker run --read-only --tmpfs /tmp` does, in a namespace that ends with it."""


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
        told = self._told()
        return told["User"], told["Cmd"]

    def words(self, port: int) -> list[str]:
        """The command that runs the image in the sandbox, its root read-only."""
        run([*self._buildah, "from", "--pull-never", "--name=checked", NAME])
        root = run([*self._buildah, "mount", "checked"]).strip()
        told = self._told()
        given = [*told["Env"], f"API_KEYS={API_KEYS}", "RATE_LIMIT_IP=0"]
        words = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation=private"]
        words += ["--", "sh", "-ec", READ_ONLY, "sh", root, told["User"]]
        words += ["env", "-i", f"--chdir={told['WorkingDir']}", *given]
        return [*words, *told["Cmd"][:-1], "sandbox", "--host", "127.0.0.1", "--port", str(port)]

    def forget(self) -> None:
        """Remove the container that was run."""
        subprocess.run(  # noqa: S603 - words of our own
            [*self._buildah, "rm", "checked"], capture_output=True, check=False
        )

    def _told(self) -> dict[str, Any]:
        told = json.loads(run([*self._buildah, "inspect", "--type=image", NAME]))
        config: dict[str, Any] = told["Docker"]["config"]
        return config

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


def _bytes(text: str) -> int:
    number, _, unit = text.partition(" ")
    return round(float(number) * {"KB": 1e3, "MB": 1e6, "GB": 1e9}.get(unit, 1))
