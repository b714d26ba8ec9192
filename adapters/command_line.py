"""What may be asked of `local_server.py`, and how it greets."""

import argparse
from collections.abc import Sequence
from typing import Final

from adapters.listening import shown
from lib import VERSION

LAST_PORT: Final = 65535


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line's words; ends the process with 2 where they make no sense."""
    parser = argparse.ArgumentParser(
        description="Run the data service, or examine its providers.",
        epilog="Settings come from environment variables; .env.example explains each.",
    )
    parser.add_argument(
        "command", nargs="?", choices=["serve", "doctor"], default="serve",
        help="serve (the default), or doctor: ask every provider from here and show the result",
    )  # fmt: skip
    parser.add_argument("--host", default="0.0.0.0", help="address to listen on")  # noqa: S104
    parser.add_argument(
        "--port", type=_port, default=7860, help="port to listen on; 0 = any that is free"
    )
    parser.add_argument(
        "--upstream", choices=["live", "sandbox", "auto"], default="auto",
        help="live providers, the built-in sandbox, or whichever there is (the default)",
    )  # fmt: skip
    parser.add_argument(
        "--faults", metavar="SOURCE=FAULT,...",
        help="sandbox: let sources fail, with an HTTP status or one of hang refuse truncated html "
        "shape empty zero nan",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="sandbox: which market to make up")
    return parser.parse_args(arguments)


def why_sandbox(options: argparse.Namespace) -> str:
    """Why there are no live data, for whoever did not ask for that."""
    if options.upstream == "sandbox":
        return "asked for by --upstream sandbox"
    return "no provider answered within 1.5 s; every number is made up"


def banner(options: argparse.Namespace, upstream: str, port: int) -> str:
    """Where the service is and what to try, for a person at a terminal."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(options.host, options.host)  # noqa: S104
    root = f"http://{shown(host, port)}"
    lines = [f"  Dreammaker {VERSION}   {root}", f"  docs   {root}/docs"]
    if upstream == "sandbox":
        lines += [f"  data   SANDBOX: {why_sandbox(options)}", f"  faults {options.faults or '-'}"]
    else:
        lines.append("  data   live")
    lines.append(f"  try    curl {root}/api/price/BTC")
    return "\n" + "\n".join(lines) + "\n\n"


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > LAST_PORT:  # uvloop takes 70000 for 4464
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to {LAST_PORT}")
    return int(text)
