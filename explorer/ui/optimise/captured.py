"""A model captured by torch.export, timed beside the model itself. No Streamlit in here."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import torch

from explorer.capture.module import export
from explorer.ui.model import Traced
from explorer.ui.optimise.timed import timed

TIMED = 5


@dataclass(frozen=True, slots=True)
class Captured:
    """``operations`` with the module that each is from; ``seconds`` that the capture took; one forward of the model
    and of the captured graph, in seconds, each the median of a few.
    """

    operations: tuple[tuple[str, str], ...]
    seconds: float
    eager: float
    static: float


def capture(traced: Traced) -> Captured:
    """Raises CaptureError where torch.export gives up."""
    args, kwargs = traced.reading.args, dict(traced.reading.kwargs)
    since = perf_counter()
    program = export(traced.model, args, kwargs).program
    seconds = perf_counter() - since
    module = program.module()
    with torch.enable_grad():
        eager, static = (
            timed(lambda: traced.model(*args, **kwargs), TIMED, "Timing the model"),
            timed(lambda: module(*args, **kwargs), TIMED, "Timing the captured graph"),
        )
    nodes = [node for node in program.graph.nodes if node.op == "call_function"]
    return Captured(tuple((_name(node), _scope(node)) for node in nodes), seconds, eager, static)


def _name(node: torch.fx.Node) -> str:
    return str(node.target) if isinstance(node.target, torch._ops.OpOverload) else node.target.__name__  # type: ignore[union-attr]


def _scope(node: torch.fx.Node) -> str:
    """The path of the module; torch's own stand-ins begin with an underscore."""
    stack = [path for path, _ in (node.meta.get("nn_module_stack") or {}).values()]
    return str(stack[-1]) if stack and not stack[-1].startswith("_") else ""
