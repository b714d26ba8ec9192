"""The deployment, rehearsed on this machine by tools that we did not write: `make rehearsal`.

    python -m rehearsal

Packaged by osls · judged by cfn-lint · zips and routes held against the source · deployed to moto ·
fetched back · every function run by AWS's runtime emulator · answers held against
local_server.py's · asked over HTTP and websockets through serverless-offline · reported.

Needs Node and `make node_modules`; the first run fetches AWS's emulator and wheels for the layers.
Takes some four minutes. Ends with 0 if everything holds, else with 1.
"""

import json
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from adapters.deploy.layers import build_layer
from adapters.deploy.serverless import LAYERS, bundle_of, deployed_families
from lib.command import command
from lib.endpoint import Endpoint
from loopback import free_port
from rehearsal.alone import layers_for, rehearse_function
from rehearsal.cloud import KEYS, Deployed, unpack
from rehearsal.comparison import hold_all
from rehearsal.emulator import fetch_emulator
from rehearsal.families import FILE, declared_yml, load_families, load_triggers
from rehearsal.offline import offline
from rehearsal.report import Row, bare_row, print_report
from rehearsal.round_trip import round_trip
from rehearsal.routes import RouteTable, compare_sockets
from rehearsal.space import API_KEYS, local_space
from rehearsal.together import FUNCTION, rehearse_together
from rehearsal.tools import (
    ROOT,
    STAGE,
    WORK,
    Failed,
    listens,
    plain_env,
    run,
    running,
    wait_until,
)
from rehearsal.triggers import rehearse_triggers

TEMPLATE = ROOT / ".serverless" / "cloudformation-template-update-stack.json"
OSLS = ["node", "node_modules/.bin/osls"]


def main() -> int:
    """Run all steps; 0 when everything holds."""
    command(__doc__).parse_args()
    started = time.monotonic()
    rows: list[Row] = []
    problems: list[str] = []
    try:
        with ExitStack() as stack:
            rehearse(stack, rows, problems)
    except Failed as failed:
        problems.append(str(failed))
    if rows:
        print_report(rows, sys.stdout.write)
    for problem in problems:
        sys.stdout.write(f"\nFAILED  {problem}\n")
    took_s = time.monotonic() - started
    word = "does not hold" if problems else "holds"
    sys.stdout.write(f"\nThe rehearsal {word}; it took {took_s:.0f} s.\n")
    return 1 if problems else 0


def rehearse(stack: ExitStack, rows: list[Row], problems: list[str]) -> None:
    """The steps in order; what is measured goes into `rows`, what fails alone into `problems`."""
    families = deployed_families(load_families())
    triggers = load_triggers()
    if FILE.read_text() != declared_yml():
        raise Failed("serverless.yml differs from the declarations: run `make serverless`")
    shutil.rmtree(WORK / "unpacked", ignore_errors=True)
    with step("layers and emulator"):
        for name in needed_layers(families):
            build_layer(name, runtime())
        fetch_emulator()
    address = stack.enter_context(account())
    aws = {**KEYS, "AWS_ENDPOINT_URL": address}
    with step("package"):
        run([*OSLS, "package", "--stage", STAGE], plain_env(**aws, PYTHON=sys.executable))
    template = json.loads(TEMPLATE.read_text())
    with step("cfn-lint"):
        cfn_lint = str(Path(sys.executable).with_name("cfn-lint"))
        run([cfn_lint, "--ignore-checks", "W", "--", str(TEMPLATE)])
    table = RouteTable(template)
    table.compare([endpoint for endpoints in load_families().values() for endpoint in endpoints])
    compare_sockets(template, triggers)
    with step("deploy"):
        run([*OSLS, "deploy", "--stage", STAGE, "--package", ".serverless"], plain_env(**aws))
    deployed = Deployed(address)
    deployed.put_secret("API_KEYS", API_KEYS)
    local = stack.enter_context(local_space())
    env = {**aws, **local.upstreams}
    for layer in needed_layers(families):
        logical = f"{layer.capitalize()}LambdaLayer"
        packed, folder = deployed.layer_zip(logical), WORK / "unpacked" / "layers" / layer
        sys.stdout.write(
            f"layer {layer}: {len(packed) / 2**20:.1f} MB zipped, "
            f"{unpack(packed, folder) / 2**20:.0f} MB unzipped\n"
        )
    with step("functions under the emulator"):
        rows.append(bare_row(WORK / "unpacked" / "bare", layers_for(deployed, "price"), env))
        for name, endpoints in families.items():
            for last in (False, True):
                try:
                    rows.append(rehearse_function(name, endpoints, deployed, table, local, env))
                    break
                except Failed as failed:
                    if last:
                        problems.append(str(failed))
                    else:  # a fresh process has shut out no source that was late
                        sys.stdout.write(f"\n  {name}: once more from the start …")
        try:
            own = {**env, "HTTP_ENDPOINT": local.root}
            find = partial(layers_for, deployed)
            rows += rehearse_triggers(triggers, deployed, find, own)
        except Failed as failed:
            problems.append(str(failed))
    with step("two instances on one store"):
        problems += rehearse_together(WORK / "unpacked" / FUNCTION, layers_for(deployed, FUNCTION))
    with step("serverless-offline"), offline(env) as host:
        problems += hold_all(families, local, host.http)
        try:
            round_trip(host)
        except Failed as failed:
            problems.append(str(failed))


def needed_layers(families: Mapping[str, Sequence[Endpoint]]) -> list[str]:
    """The layers that at least one function has, the lowest first."""
    bundles = {bundle_of(endpoints) for endpoints in families.values()}
    return [name for name in LAYERS if any(name in LAYERS[bundle] for bundle in bundles)]


def runtime() -> str:
    """This interpreter as a Lambda runtime."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


@contextmanager
def account() -> Iterator[str]:
    """An AWS account by moto; its address."""
    port, log = free_port(), WORK / "logs" / "moto.log"
    words = [sys.executable, "-m", "rehearsal.cloud", str(port)]
    with running(words, log, plain_env(**KEYS)):
        wait_until(lambda: listens(port), "moto", log)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say how long a step took."""
    started = time.monotonic()
    sys.stdout.write(f"{what} …")
    sys.stdout.flush()
    try:
        yield
    finally:
        sys.stdout.write(f" {time.monotonic() - started:.1f} s\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
