"""A run as one HTML file: the canvas of the app with the same stepping, from disk, without network or server.

The page holds our own scripts and sheets, and the traces of the run with its groups open down to every depth, for
both directions; of its autograd graph the same, where that is asked for. Python is not there, so numbers cannot be
changed, and groups open level by level. A policy in the page forbids it to load anything, and lets run only the
script that is in it.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Literal, get_args

from explorer.canvas import wire
from explorer.errors import ExportError
from explorer.export.shown import Coloured, Opened
from explorer.export.svg import legal
from explorer.layout import Direction
from explorer.run import Run, Tangents
from explorer.standalone import linker
from explorer.standalone.traces import traces

HEIGHT = 640
"""Of the frame in a notebook, in CSS pixels."""

_HERE = Path(__file__).parent
Look = Literal["light", "dark", "system"]
Beside = Literal["beside", "below"]
"""Where the autograd graph stands; beside only where there is room."""


@dataclass(frozen=True)
class Page:
    """``text`` is the file. In a notebook it shows itself."""

    text: str
    title: str

    def save(self, path: Path | str) -> Path:
        """Write the file, and say where."""
        Path(path).write_text(self.text, encoding="utf-8")
        return Path(path)

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        frame = f'style="width:100%;height:{HEIGHT}px;border:0" allow="fullscreen" title="{html.escape(self.title)}"'
        return f'<iframe {frame} srcdoc="{html.escape(self.text)}"></iframe>'


def to_html(
    run: Run,
    *,
    title: str = "",
    direction: Direction = "lr",
    theme: Look = "system",
    opened: Opened = None,
    overlay: Coloured = None,
    tangents: Tangents | None = None,
    autograd: Beside | None = None,
) -> Page:
    """The page of a run, with the groups in ``opened`` open and nodes in the colours of ``overlay``, as for ``to_svg``.

    All other overlays are there to choose. ``autograd`` says where torch's autograd graph stands, linked with it.
    Raises ExportError where the graph has too many nodes, OverlayError where there is no such overlay, RunError where
    there is no autograd graph.
    """
    if autograd not in (None, *get_args(Beside)):
        raise ExportError(f"The autograd graph stands 'beside' or 'below', not {autograd!r}.")
    title = legal(title or f"Graph of {run.output}")
    packed = traces(
        run,
        title=title,
        direction=direction,
        opened=opened,
        chosen=overlay,
        tangents=tangents,
        with_autograd=autograd is not None,
    )
    return Page(_written(title, len(run.graph), packed, theme, autograd), title)


def _written(title: str, nodes: int, packed: dict[str, object], theme: Look, autograd: Beside | None) -> str:
    script = linker.script(_HERE / "boot.js")
    if "</script" in script.lower() or "<!--" in script:
        raise ExportError("A script of the canvas cannot be put into a page: it holds the end of a script.")
    style = (_HERE / "page.css").read_text(encoding="utf-8") + _SCHEMES[theme]
    return Template((_HERE / "page.html").read_text(encoding="utf-8")).substitute(
        title=html.escape(title),
        count=f"{nodes:,} node{'' if nodes == 1 else 's'}",
        twin=f'<div id="twin" class="twin {autograd}"></div>' if autograd else "",
        policy=f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'",
        style=style,
        sheet=linker.sheet(Path(wire.__file__).parent / "frontend" / "style.css"),
        traces=json.dumps(packed, separators=(",", ":")),
        script=script,
    )


def _hash(text: str) -> str:
    """What a policy calls exactly this text by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_DARK = """:root {
  color-scheme: dark;
  --st-background-color: #0E1117; --st-text-color: #FAFAFA; --st-border-color: #2C323F;
}"""
_SCHEMES = {"light": "", "dark": _DARK, "system": f"@media (prefers-color-scheme: dark) {{ {_DARK} }}\n"}
