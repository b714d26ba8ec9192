"""Starts the server as it is, in a process whose wall clock the drill can move.

python -m drill.launch CLOCK_FILE [arguments of local_server.py]

The file holds an offset in milliseconds, eight bytes. Nothing of the service knows of it: `time`
itself is changed before anything else is imported.
"""

import mmap
import struct
import sys
import time
from pathlib import Path


def move_time(file: Path) -> None:
    """From now on, let this process's wall clock be the machine's plus the file's offset."""
    with file.open("rb") as opened:
        shared = mmap.mmap(opened.fileno(), 8, access=mmap.ACCESS_READ)
    real_ns = time.time_ns
    read = struct.Struct("<q").unpack_from

    def time_ns() -> int:
        return real_ns() + int(read(shared)[0]) * 1_000_000

    time.time_ns = time_ns
    time.time = lambda: time_ns() / 1e9


if __name__ == "__main__":
    move_time(Path(sys.argv[1]))
    from local_server import main  # not before the clock is ours

    sys.exit(main(sys.argv[2:]))
