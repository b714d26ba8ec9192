"""What endpoints of operations may see and do: the running service, from behind the counter."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.auth import Principal
from lib.endpoint import Endpoint

if TYPE_CHECKING:
    from lib.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Desk:
    """The running service as its operators see it.

    Attributes:
        forget: drop kept answers whose key begins so, and the bytes made from them; how many.
        metrics: the counters in Prometheus' text form.
        set_faults: in the sandbox, make sources fail in stated ways; all faults then in force.
        principal: whose key the present request carries.
    """

    runtime: "Runtime"
    endpoints: Sequence[Endpoint]
    forget: Callable[[str], int]
    metrics: Callable[[], bytes]
    set_faults: Callable[[Mapping[str, str]], Mapping[str, str]] | None = None
    principal: Principal | None = None
