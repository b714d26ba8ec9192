"""The real server on loopback with live data, and what tests of it need."""

import contextlib
import hashlib
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.service import running_service

KEY = "a-key-for-tests"


@dataclass
class Service:
    """A running server."""

    root: str
    key: dict[str, str] = field(default_factory=lambda: {"Authorization": f"Bearer {KEY}"})

    @property
    def socket(self) -> str:
        """The address for sockets."""
        return self.root.replace("http", "ws")

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.root.rpartition(":")[2])

    @property
    def pid(self) -> int:
        """Its process."""
        found = subprocess.run(
            ["pgrep", "-f", f"local_server.py.*--port {self.port}"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return int(found.stdout.split()[0])


@contextlib.contextmanager
def live_service(*flags: str, **environment: str) -> Iterator[Service]:
    """Run the server over the sandbox, or with other flags."""
    keys = f"tester:{hashlib.sha256(KEY.encode()).hexdigest()}"
    flags = flags or ("--upstream", "sandbox")
    with running_service(*flags, **{"API_KEYS": keys, **environment}) as root:
        yield Service(root)


def memory_kb(pid: int) -> int:
    """Resident memory of a process."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0])
