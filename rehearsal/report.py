"""What the rehearsal measured, a line a function, beside a bare function in the same run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from rehearsal.emulator import emulated, import_ms
from rehearsal.events import http_event

BARE = '''"""What any function pays: Starlette, Mangum and httpx, and no more."""

import httpx
from mangum import Mangum
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route


async def hello(request):
    return Response(b'{"success":true}', media_type="application/json")


client = httpx.AsyncClient()
handler = Mangum(Starlette(routes=[Route("/{path:path}", hello)]), lifespan="off")
'''


@dataclass
class Row:
    """One function: bytes zipped and unzipped, milliseconds of imports, first and warm calls."""

    name: str
    zip_bytes: int = 0
    unzipped: int = 0
    import_ms: list[float] = field(default_factory=list)
    first_ms: list[float] = field(default_factory=list)
    warm_ms: list[float] = field(default_factory=list)
    status: int = 0


def bare_row(folder: Path, layers: Path, env: Mapping[str, str]) -> Row:
    """The function to compare with, run in the same way."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bare.py").write_text(BARE)
    row = Row("bare")
    imported = "starlette.applications, mangum, httpx"
    row.import_ms = [import_ms(imported, f"{folder}:{layers / 'python'}") for _ in range(5)]
    with emulated("bare", "bare.handler", folder, layers, env, 5) as function:
        event = http_event("GET", "/anything")
        answer, first_ms = function.invoke(event)
        row.status = answer["statusCode"]
        row.first_ms.append(first_ms)
        row.warm_ms = [function.invoke(event)[1] for _ in range(25)]
    return row


def print_report(rows: list[Row], write: Callable[[str], object]) -> None:
    """A table; `bare` is Starlette, Mangum and httpx alone; `x bare` are ratios of imports."""
    base = min(rows[0].import_ms)
    titles = ["zip KB", "KB out", "import ms", "x bare", "cold ms", "warm ms", "status"]
    write("\nfunction".ljust(25) + "".join(title.rjust(11) for title in titles) + "\n")
    for row in rows:
        least = min(row.import_ms)
        figures = [
            f"{row.zip_bytes / 1024:.0f}",
            f"{row.unzipped / 1024:.0f}",
            f"{least:.0f}",
            f"{least / base:.2f}",
            f"{row.first_ms[0]:.0f}",
            f"{median(row.warm_ms):.2f}",
            f"{row.status}",
        ]
        write(row.name.ljust(24) + "".join(figure.rjust(11) for figure in figures) + "\n")
