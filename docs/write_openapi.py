"""Write the OpenAPI document to a file.

    python -m docs.write_openapi FILE

The zip of the Lambda that serves it holds no other endpoint, so it takes this file along.

Takes a second. Ends with 0 when it is written.
"""

from pathlib import Path

from functions.openapi import document
from lib.command import command


def main() -> None:
    """Write it where the command line says."""
    parser = command(__doc__)
    parser.add_argument("file", metavar="FILE", type=Path, help="to be written")
    parser.parse_args().file.write_bytes(document())


if __name__ == "__main__":
    main()
