"""Write the OpenAPI document to a file: `python -m docs.write_openapi FILE`.

The zip of the Lambda that serves it holds no other endpoint, so it takes this file along.
"""

import sys
from pathlib import Path

from functions.openapi import document


def main(arguments: list[str]) -> int:
    """Write it where the command line says."""
    if len(arguments) != 1:
        sys.stderr.write(__doc__ or "")
        return 2
    Path(arguments[0]).write_bytes(document())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
