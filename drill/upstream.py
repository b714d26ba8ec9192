"""Every provider, played by the sandbox in a process of its own, which can be killed or paused.

python -m drill.upstream PORT SEED < one JSON object of faults a line
"""

import json
import sys

from lib.sandbox import SandboxServer


def main(port: int, seed: int) -> None:
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


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
