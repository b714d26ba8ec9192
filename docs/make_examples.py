"""Ask a server over the sandbox one question for each endpoint, and keep the replies.

    python -m docs.make_examples [NAME …]      writes docs/examples/NAME.json

The questions are those that the OpenAPI document itself gives as examples; the replies then stand
in it. They are labelled as the sandbox's.

Takes less than a minute. Ends with 1 if any question was refused, else with 0.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import httpx

from adapters.openapi.document import build_document
from functions import load_endpoints
from lib.command import command
from tests.service import running_service

EXAMPLES = Path(__file__).parent / "examples"
KEY = "an-example-key"
MOST_ROWS = 2
MOST_WORDS = 8


def main() -> int:
    """Write the examples that the command line names, by default all; 1 if any was refused."""
    parser = command(__doc__)
    parser.add_argument(
        "names", metavar="NAME", nargs="*", help="an endpoint's operationId; by default all"
    )
    names = parser.parse_args().names
    document = build_document(load_endpoints(), "")
    wanted = [o for o in operations(document) if not names or o["operationId"] in names]
    refused = 0
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    with running_service("--upstream", "sandbox", API_KEYS=f"examples:{digest}") as root:
        headers = {"Authorization": f"Bearer {KEY}"}
        with httpx.Client(base_url=root, headers=headers, timeout=30, trust_env=False) as client:
            for operation in wanted:
                reply = ask(client, operation)
                if reply.status_code != 200:
                    refused += 1
                    sys.stderr.write(f"{operation['operationId']}: {reply.text[:300]}\n")
                elif speaks_json(operation):
                    _write(operation["operationId"], reply.json())
    return 1 if refused else 0


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Every operation of a document that comes to an end, its path and method beside what it
    says."""
    return [
        {"path": path, "method": method.upper(), **operation}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "text/event-stream" not in operation["responses"]["200"]["content"]
    ]


def ask(client: httpx.Client, operation: dict[str, Any]) -> httpx.Response:
    """Ask what the operation's own examples ask."""
    path, query = operation["path"], {}
    for parameter in operation["parameters"]:
        if "example" not in parameter:
            continue
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
        else:
            query[parameter["name"]] = parameter["example"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return client.request(operation["method"], path, params=query, json=body.get("example"))


def speaks_json(operation: dict[str, Any]) -> bool:
    """Whether it answers with a reply of its own, not with a document."""
    content = operation["responses"]["200"]["content"]
    return "$ref" in str(content.get("application/json"))


def shortened(value: Any) -> Any:
    """The value with at most two rows in each list of rows."""
    if isinstance(value, list):
        rows = any(isinstance(item, dict | list) for item in value)
        return [shortened(item) for item in value[: MOST_ROWS if rows else MOST_WORDS]]
    if isinstance(value, dict):
        return {name: shortened(item) for name, item in value.items()}
    return value


def _write(name: str, reply: Any) -> None:
    EXAMPLES.mkdir(exist_ok=True)
    text = json.dumps(shortened(reply), indent=2, ensure_ascii=False)
    (EXAMPLES / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
