"""Every provider, played by the sandbox in a process of its own, which can be killed or paused.

    python -m drill.upstream PORT SEED < one JSON object of faults a line

Takes lines until its input ends.
"""

import json
import sys

from lib.command import command
from lib.sandbox import SandboxServer


def play(port: int, seed: int) -> None:
    """Play until the input ends; each line replaces all faults and is answered by a line."""
    with SandboxServer(seed=seed, port=port) as sandbox:
        say("ready")
        for line in sys.stdin:
            sandbox.faults.clear()
            sandbox.faults.set_all(json.loads(line))
            say("set")


def say(word: str) -> None:
    """Answer the drill."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    """Play as the command line says."""
    parser = command(__doc__)
    parser.add_argument("port", metavar="PORT", type=int, help="on loopback")
    parser.add_argument("seed", metavar="SEED", type=int, help="the same seed, the same market")
    given = parser.parse_args()
    play(given.port, given.seed)


if __name__ == "__main__":
    main()
