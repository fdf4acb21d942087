"""Explorer: see a computational graph, step through it forward and backward.

    import explorer

    run = explorer.trace("y = (a-b)*(a+b)", a=3.0, b=2.0)
    run.value("y"), run.grad("a")

    run = explorer.trace_module(explorer.models.load("gpt-sort"), explorer.models.example("gpt-sort"))
    run.grad("h.0.attn.qkv.weight")
    explorer.show(run)

    run = explorer.trace_module(model, inputs, mode="export")
    seg = explorer.segment(run, parts=3)
    seg.segments[1].parameters, seg.crossings, seg.verify().bit_equal

Everything raised on purpose is an ``ExplorerError``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer import models
from explorer.capture.expression import Program, trace
from explorer.capture.limits import Limits
from explorer.capture.model import trace_module
from explorer.errors import ExplorerError
from explorer.graph import Edge, Graph, Node
from explorer.run import Arrival, Run, Step, Tangents, displays

if TYPE_CHECKING:
    from explorer.export.show import Server
    from explorer.export.shown import Coloured, Opened
    from explorer.segment.api import segment
    from explorer.standalone import Beside, Page
else:
    from explorer import segment

__all__ = [
    "Arrival",
    "Edge",
    "ExplorerError",
    "Graph",
    "Limits",
    "Node",
    "Program",
    "Run",
    "Step",
    "Tangents",
    "models",
    "segment",
    "show",
    "to_html",
    "trace",
    "trace_module",
]
__version__ = "0.1.0"


def show(run: Run, *, port: int | None = None, block: bool | None = None) -> Server:
    """Open the app on a run, at ``port`` or a free one of this machine alone. Its page is in the browser at once.

    In a script it waits until the app is stopped by Ctrl+C, in a notebook or a console it goes on; ``block`` says
    otherwise. The app stops with ``.close()``, and with Python.
    """
    from explorer.export.show import show

    return show(run, port=port, block=block)


def to_html(
    run: Run, *, title: str = "", opened: Opened = None, overlay: Coloured = None, autograd: Beside | None = None
) -> Page:
    """The run as one HTML file with the canvas of the app: ``.save("run.html")`` writes it, and a notebook shows it.

    It works from disk without network. ``opened`` are the keys of groups that are open, or a depth; nodes have the
    colours of an ``overlay`` such as "flops", and all others can be chosen in the page. ``autograd="beside"`` or
    ``"below"`` adds torch's own backward graph, linked with the forward one.
    """
    from explorer.standalone import to_html

    return to_html(run, title=title, opened=opened, overlay=overlay, autograd=autograd)


def _as_html(run: Run) -> str:
    """What a notebook shows; the drawing is imported only when one asks."""
    from explorer.export import to_html

    return to_html(run)


displays["html"] = _as_html
