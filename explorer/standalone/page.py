"""A run as one HTML file: the canvas of the app with the same stepping, from disk, without network or server.

The page holds our own scripts and sheets, and the traces of the run with its groups open down to every depth, for
both directions. Python is not there, so numbers cannot be changed, and groups open level by level. A policy in the
page forbids it to load anything, and lets run only the script that is in it.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Literal

from explorer.canvas import wire
from explorer.canvas.overlays import section
from explorer.errors import ExportError, OverlayError
from explorer.export.placing import groups_of, place
from explorer.export.shown import Coloured, Opened, keys
from explorer.export.svg import legal
from explorer.layout import Direction
from explorer.overlays import KINDS, Asked, Overlay, overlay, paint
from explorer.passes.condense import condense
from explorer.passes.groups import Groups
from explorer.run import Run, Tangents
from explorer.standalone import linker

MOST_CARDS = 30_000
"""In all traces of a page together; deeper levels that would need more are left out."""

HEIGHT = 640
"""Of the frame in a notebook, in CSS pixels."""

_HERE = Path(__file__).parent
_ALWAYS = tuple(kind for kind in KINDS if kind not in ("time", "segment", "file"))
"""Overlays that every page brings along; others where they are asked for."""

Look = Literal["light", "dark", "system"]


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
) -> Page:
    """The page of a run, with the groups in ``opened`` open and nodes in the colours of ``overlay``, as for ``to_svg``.

    All other overlays are there to choose. Raises ExportError where the graph has too many nodes, OverlayError where
    there is no such overlay.
    """
    title = legal(title or f"Graph of {run.output}")
    traces = _Traces(run, tangents, title, overlay)
    packed = traces.packed(opened, direction)
    return Page(_written(title, len(run.graph), packed, theme), title)


class _Traces:
    """Makes the traces of a page."""

    def __init__(self, run: Run, tangents: Tangents | None, title: str, chosen: Coloured) -> None:
        self.run, self.tangents, self.title = run, tangents, title
        self.groups = groups_of(run.graph)
        self.overlays = list(_overlays(Asked(run, tangents), chosen))
        self.chosen = chosen if isinstance(chosen, str) else chosen.key if chosen else ""
        self._rev = 0

    def packed(self, opened: Opened, direction: Direction) -> dict[str, object]:
        """See the type ``Packed`` of boot.js."""
        ways: Sequence[Direction] = ("lr", "tb") if direction == "lr" else ("tb", "lr")
        if self.groups is None:
            if len(self.run.graph) > MOST_CARDS:
                raise ExportError(self._too_large(len(self.run.graph)))
            traces = {f"{way}/start": self._one(None, way, 0) for way in ways}
            return {"depths": 0, "direction": direction, "traces": traces}
        start = keys(self.groups, opened)
        depths = self._depths(self.groups, start)
        states = {"start": start, **{str(depth): self.groups.down_to(depth) for depth in range(depths + 1)}}
        traces = {f"{way}/{name}": self._one(open_, way, depths) for way in ways for name, open_ in states.items()}
        return {"depths": depths, "direction": direction, "traces": traces}

    def _depths(self, groups: Groups, start: frozenset[str]) -> int:
        """Down to which depth traces fit into the page."""
        cards, depth = 2 * _cards(groups, start), -1
        while depth < groups.depth:
            more = 2 * _cards(groups, groups.down_to(depth + 1))
            if cards + more > MOST_CARDS:
                break
            cards, depth = cards + more, depth + 1
        if depth < 0:
            raise ExportError(self._too_large(cards // 2))
        return depth

    @staticmethod
    def _too_large(count: int) -> str:
        return f"A page holds at most {MOST_CARDS:,} cards, and here are {count:,}. Close some groups, or export SVG."

    def _one(self, opened: frozenset[str] | None, direction: Direction, depths: int) -> str:
        run = self.run
        seen = None if self.groups is None or opened is None else condense(run, self.groups, opened)
        boxes, placement = place(run.graph, seen, direction, compact=bool(run.graph.modules))
        self._rev += 1
        sheets = [paint(each, seen) for each in self.overlays]
        added = {"overlays": section(run, seen, sheets, self.chosen)}
        blob = wire.encode(
            run,
            placement,
            boxes,
            rev=self._rev,
            title=self.title,
            tangents=self.tangents,
            seen=seen,
            sections=added,
            editable=False,
            most_depth=depths,
        )
        return base64.b64encode(gzip.compress(blob, 9, mtime=0)).decode()


def _cards(groups: Groups, opened: frozenset[str]) -> int:
    """How many cards are seen, leaves aside those in closed groups."""
    closed = groups.outermost_closed(opened)
    return len({closed[groups.of(index)] or index for index in range(len(groups.graph))})


def _overlays(asked: Asked, chosen: Coloured) -> Iterator[Overlay]:
    """All that are there for any run, and what is chosen besides; one that this run cannot give is left out."""
    if isinstance(chosen, Overlay):
        yield chosen
    taken = chosen.key if isinstance(chosen, Overlay) else ""
    for kind in (*_ALWAYS, chosen) if isinstance(chosen, str) and chosen not in _ALWAYS else _ALWAYS:
        if kind and kind != taken:
            try:
                yield overlay(kind, asked)
            except OverlayError:
                if kind == chosen:
                    raise


def _written(title: str, nodes: int, packed: dict[str, object], theme: Look) -> str:
    script = linker.script(_HERE / "boot.js")
    if "</script" in script.lower() or "<!--" in script:
        raise ExportError("A script of the canvas cannot be put into a page: it holds the end of a script.")
    style = (_HERE / "page.css").read_text(encoding="utf-8") + _SCHEMES[theme]
    return Template((_HERE / "page.html").read_text(encoding="utf-8")).substitute(
        title=html.escape(title),
        count=f"{nodes:,} node{'' if nodes == 1 else 's'}",
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
