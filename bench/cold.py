"""What a function costs on Lambda: its start, and a warm call. Row 9 of the goals.

    python -m bench.cold [NAME …] [--rounds 7]

Each function runs from its own zip and the layers of `make layers`, in interpreters that see
nothing else; its sources are the sandbox, in this process. A round starts each of them once, the
bare one (Starlette, Mangum, httpx) among them. Figures are medians of CPU time; of a warm call,
over bare Mangum and Starlette that send the same body, both timed by turns in one process.

Takes some 4 minutes for all. Ends with 0 whatever goal is missed, with 1 where layers are missing
or a function fails.
"""

import json
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

from adapters.deploy.bundle import write_zip
from adapters.deploy.layers import FOLDER as LAYER_FOLDER
from adapters.deploy.serverless import LAYERS, bundle_of, deployed_families
from bench.goals import Finding, show
from lib.command import command
from lib.endpoint import Endpoint
from lib.runtime import load_providers
from lib.sandbox import SandboxServer
from rehearsal.events import http_event
from rehearsal.families import load_families
from rehearsal.questions import Question, question_for

CHILD: Final = Path(__file__).with_name("cold_process.py")
MOST_RATIO, MOST_US, MOST_AI_MS = 1.5, 60.0, 400.0
ENDED_S: Final = 120


class Packed(NamedTuple):
    """A function as Lambda has it, with an event that it can answer."""

    name: str
    module: str
    paths: str
    event: Path
    ai: bool
    cached: bool
    zip_kb: float
    unchecked: str


def main() -> int:
    """Measure and print two tables; a goal missed is said, not hidden."""
    parser = command(__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="functions; by default all")
    parser.add_argument("--rounds", metavar="N", type=int, default=7, help="starts of each (7)")
    options = parser.parse_args()
    show(measure(options.rounds, options.names))
    return 0


def measure(rounds: int = 7, names: Sequence[str] = ()) -> list[Finding]:
    """Print a line a function; the worst of them beside the goals."""
    if not (LAYER_FOLDER / "light" / "python").exists():
        sys.exit("bench: the layers are needed (make layers)")
    families = deployed_families(load_families())
    names = names or sorted(families)
    with SandboxServer(seed=1) as sandbox, tempfile.TemporaryDirectory() as folder:
        root = f"http://127.0.0.1:{sandbox.port}"
        bases = {f"{name.upper()}_BASE_URL": f"{root}/{name}" for name in load_providers()}
        environ = {**bases, "RATE_LIMIT_IP": "1000000", "LOG_LEVEL": "error"}
        environ["BENCH_UPSTREAM"] = f"{root}/binance/api/v3/ping"
        packed = [pack(name, families[name], Path(folder)) for name in names]
        starts = measure_starts([bare(Path(folder)), *packed], rounds, environ)
        warm = {one.name: run("warm", one, environ) for one in packed}
    print_table(packed, starts, warm)
    return list(judge(packed, starts, warm))


def pack(name: str, endpoints: Sequence[Endpoint], folder: Path) -> Packed:
    """Zip a function and unzip it again."""
    bundle = bundle_of(endpoints)
    archive = write_zip(name, bundle, folder)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder / name)
        compiled = [f for f in opened.namelist() if f.endswith(".pyc")]
        sources = [f for f in opened.namelist() if f.endswith(".py")]
        unchecked = sum(opened.read(f)[4:8] == b"\x01\0\0\0" for f in compiled)
    question = question_for(endpoints[0]) if endpoints else Question("GET", "/nowhere", {}, b"")
    return Packed(
        name,
        f"functions.{name}",
        ":".join([str(folder / name), *layer_paths(bundle)]),
        write_event(question, folder / f"{name}.json"),
        bundle == "ai",
        all(endpoint.cached for endpoint in endpoints[:1]),
        archive.stat().st_size / 1024,
        f"{unchecked}/{len(sources)}",
    )


def bare(folder: Path) -> Packed:
    """What any function pays."""
    event = write_event(Question("GET", "/anything", {}, b""), folder / "bare.json")
    return Packed("bare", "bare", ":".join(layer_paths("light")), event, False, True, 0, "")


def layer_paths(bundle: str) -> list[str]:
    """The layers of a bundle, unpacked."""
    return [str(LAYER_FOLDER / layer / "python") for layer in LAYERS[bundle]]


def write_event(question: Question, file: Path) -> Path:
    """The event of a question, for another process to read."""
    method, target, headers, body = question
    file.write_text(json.dumps(http_event(method, target, headers=headers, body=body)))
    return file


def measure_starts(
    packed: Sequence[Packed], rounds: int, environ: Mapping[str, str]
) -> dict[str, dict[str, float]]:
    """Medians over rounds, each of which starts every function once, and the first, with which
    all are compared, before every five of them."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    first, rest = packed[0], packed[1:]
    order = [one for at, one in enumerate(rest) for one in ([first, one] if at % 5 == 0 else [one])]
    for number in range(rounds):
        print(f"round {number + 1} of {rounds} …", flush=True)
        for one in order:
            for what, value in run("start", one, environ).items():
                found[one.name][what].append(value)
    return {
        name: {what: median(values) for what, values in by_what.items()}
        for name, by_what in found.items()
    }


def run(what: str, one: Packed, environ: Mapping[str, str]) -> Any:
    """One fresh interpreter; what it printed."""
    done = subprocess.run(
        [sys.executable, "-S", "-P", str(CHILD), what, one.module, str(one.event)],
        env={"PYTHONPATH": one.paths, "PYTHONDONTWRITEBYTECODE": "1", **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=ENDED_S,
    )
    if done.returncode:
        sys.exit(f"bench: {one.name} fails from zip and layers alone:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def judge(
    packed: Sequence[Packed], starts: Mapping[str, Mapping[str, float]], warm: Mapping[str, Any]
) -> Iterator[Finding]:
    """The slowest start of each kind, and the dearest warm call that finds its answer ready."""
    base = starts["bare"]["import_ms"]
    for ai, what in ((False, "light"), (True, "AI")):
        kind = [one.name for one in packed if one.ai is ai]
        if kind:
            name = max(kind, key=lambda one: starts[one]["import_ms"])
            took = starts[name]["import_ms"]
            measured = f"{name}: {took:.0f} ms, bare {base:.0f} ms"
            value, goal, unit = (took, MOST_AI_MS, "ms") if ai else (took / base, MOST_RATIO, "x")
            yield Finding(9, f"slowest import, {what}", measured, value, goal, True, unit)
    over = {one.name: over_us(warm[one.name]) for one in packed if is_kept(one, warm[one.name])}
    if over:
        name = max(over, key=over.__getitem__)
        measured = f"{name}, over bare with the same body"
        yield Finding(9, "dearest warm call", measured, over[name], MOST_US, True, "µs")


def is_kept(one: Packed, call: Mapping[str, Any]) -> bool:
    """Whether a warm call finds the bytes of its answer ready; else the answer is made anew."""
    return one.cached and bool(call["kept"])


def over_us(call: Mapping[str, Any]) -> float:
    """What a warm call costs above the bare one."""
    return float(median(call["ours_us"]) - median(call["bare_us"]))


def print_table(
    packed: Sequence[Packed], starts: Mapping[str, Mapping[str, float]], warm: Mapping[str, Any]
) -> None:
    """A line a function."""
    base = starts["bare"]
    print(
        f"\nbare (starlette + mangum + httpx): import {base['import_ms']:.0f} ms, "
        f"with a first answer, for which one small thing is fetched, {base['first_ms']:.0f} ms\n"
        f"goals: import ≤ {MOST_RATIO} x bare for light functions, ≤ {MOST_AI_MS:.0f} ms for AI "
        f"ones; a warm call ≤ {MOST_US:.0f} µs over bare with the same body\n"
    )
    titles = ["import ms", "x bare", "first ms", "x bare", "warm µs", "bare µs", "over", "bytes"]
    titles += ["zip KB", "unchecked", "status"]
    print("function".ljust(25) + "".join(title.rjust(10) for title in titles))
    for one in packed:
        start, call = starts[one.name], warm[one.name]
        ours, theirs = median(call["ours_us"]), median(call["bare_us"])
        ratio = start["import_ms"] / base["import_ms"]
        slow = start["import_ms"] > MOST_AI_MS if one.ai else ratio > MOST_RATIO
        missed = [word for word, so in (("import", slow), ("warm", ours - theirs > MOST_US)) if so]
        words = [f"missed: {', '.join(missed)}"] if missed else []
        words += [] if is_kept(one, call) else ["made anew at each call"]
        figures = [
            f"{start['import_ms']:.0f}",
            f"{ratio:.2f}",
            f"{start['first_ms']:.0f}",
            f"{start['first_ms'] / base['first_ms']:.2f}",
            f"{ours:.0f}",
            f"{theirs:.0f}",
            f"{ours - theirs:+.0f}",
            f"{call['bytes']}",
            f"{one.zip_kb:.0f}",
            one.unchecked,
            f"{call['status']}",
        ]
        line = one.name.ljust(25) + "".join(figure.rjust(10) for figure in figures)
        print("  ".join([line, *words]))


if __name__ == "__main__":
    sys.exit(main())
