"""A real PostgreSQL on loopback that can be killed and brought back."""

import contextlib
import os
import pwd
import signal
import subprocess
import time
from pathlib import Path
from typing import Final

from loopback import NotInstalled, free_port

INSTALLED: Final = Path("/usr/lib/postgresql")


class PostgresServer:
    """A server of our own. It refuses to run as root, so root runs it as the user `postgres`."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.port = free_port()
        self.url = f"postgresql://tester@127.0.0.1:{self.port}/postgres"
        self._programs = programs
        self._data = folder / "data"
        self._log = folder / "log"
        self._as: dict[str, int] = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid}
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", str(self._data), "-U", "tester", "-A", "trust", "--no-sync")

    def start(self) -> None:
        """Start it, on the same port as before, and wait until it answers."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    self._programs / "postgres",
                    *("-D", str(self._data), "-p", str(self.port), "-h", "127.0.0.1"),
                    *("-k", "", "-F"),
                ],
                cwd="/",
                stdout=output,
                stderr=output,
                **self._as,  # type: ignore[call-overload] # user and group, or nothing
            )
        for _ in range(400):
            ready = ("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port))
            with contextlib.suppress(subprocess.CalledProcessError):
                self._run(*ready)
                return
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start: {self._log.read_text()[-500:]}")

    def stop(self) -> None:
        """End it at once; what was committed stays."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None

    def _run(self, program: str, *options: str) -> None:
        subprocess.run(
            [self._programs / program, *options],
            cwd="/",
            check=True,
            capture_output=True,
            **self._as,  # type: ignore[call-overload] # user and group, or nothing
        )


def find_postgres() -> Path:
    """The folder of its programs.

    Raises:
        NotInstalled: there is none.
    """
    found = sorted(INSTALLED.glob("*/bin/postgres"))
    if not found:
        raise NotInstalled("PostgreSQL is not installed")
    return found[-1].parent
