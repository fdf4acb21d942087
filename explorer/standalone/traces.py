"""The traces of a page: a run, and its autograd graph beside it, with groups open down to every depth, both ways."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count

from explorer.canvas import twin, wire
from explorer.canvas.overlays import section
from explorer.canvas.wire import Section
from explorer.capture.autograd import autograd
from explorer.errors import ExportError, OverlayError
from explorer.export.placing import as_picked, groups_of, place
from explorer.export.shown import Coloured, Opened, keys
from explorer.layout import Direction
from explorer.overlays import KINDS, Asked, Overlay, overlay, paint
from explorer.passes.condense import Condensed, condense
from explorer.run import Run, Tangents

MOST_CARDS = 30_000
"""In all traces of a page together; deeper levels that would need more are left out."""

WAYS: Sequence[Direction] = ("lr", "tb")

_ALWAYS = tuple(kind for kind in KINDS if kind not in ("time", "segment", "file"))
"""Overlays that every page brings along; others where they are asked for."""


class Traces:
    """Of one graph. ``adds`` gives the sections that a trace has besides the run, for what is seen of that."""

    def __init__(
        self,
        run: Run,
        title: str,
        adds: Callable[[Condensed | None], Mapping[str, Section]],
        tangents: Tangents | None = None,
    ) -> None:
        self.run, self.title, self.tangents, self._adds = run, title, tangents, adds
        self.groups = groups_of(run.graph)
        self._revs = count(1)

    def cards(self, opened: frozenset[str]) -> int:
        """How many cards are seen, leaves aside those in closed groups."""
        graph, groups = self.run.graph, self.groups
        if groups is None:
            return len(graph)
        closed = groups.outermost_closed(opened & groups.by_key.keys())
        return len({closed[groups.of(index)] or index for index in range(len(graph))})

    def packed(self, opened: frozenset[str], direction: Direction, depths: int) -> str:
        """The trace with these groups open, those that the graph has, compressed, as base64."""
        run, seen = self.run, None
        if self.groups is not None:
            groups = as_picked(self.groups, opened)
            seen = condense(run, groups, opened & groups.by_key.keys())
        boxes, placement = place(run.graph, seen, direction, compact=bool(run.graph.modules))
        blob = wire.encode(
            run,
            placement,
            boxes,
            rev=next(self._revs),
            title=self.title,
            tangents=self.tangents,
            seen=seen,
            sections=self._adds(seen),
            editable=False,
            most_depth=depths,
        )
        return base64.b64encode(gzip.compress(blob, 9, mtime=0)).decode()


def traces(
    run: Run,
    *,
    title: str,
    direction: Direction,
    opened: Opened,
    chosen: Coloured,
    tangents: Tangents | None,
    with_autograd: bool,
) -> dict[str, object]:
    """What ``Packed`` of boot.js says. Raises ExportError where it would be too much, OverlayError where there is no
    such overlay, and RunError where there is no autograd graph.
    """
    overlays = list(_overlays(Asked(run, tangents), chosen))
    key = chosen if isinstance(chosen, str) else chosen.key if chosen else ""
    main = Traces(
        run,
        title,
        lambda seen: {"overlays": section(run, seen, [paint(each, seen) for each in overlays], key)},
        tangents,
    )
    graphs = {"traces": main, **({"twin": _autograd(run, title)} if with_autograd else {})}
    states, depths = _states(main, list(graphs.values()), opened)
    made = {
        name: {f"{way}/{state}": graph.packed(open_, way, depths) for way in WAYS for state, open_ in states.items()}
        for name, graph in graphs.items()
    }
    return {"depths": depths, "direction": direction, **made}


def _autograd(run: Run, title: str) -> Traces:
    found = autograd(run)
    return Traces(found.run, title, lambda seen: {"twin": twin.section(found, run.graph, seen)})


def _states(main: Traces, graphs: Sequence[Traces], opened: Opened) -> tuple[dict[str, frozenset[str]], int]:
    """Which groups are open as the page opens and at every depth, and the last depth that fits into the page."""

    def cards(state: frozenset[str]) -> int:
        return len(WAYS) * sum(graph.cards(state) for graph in graphs)

    groups = main.groups
    states = {"start": frozenset[str]() if groups is None else keys(groups, opened)}
    used, depth = cards(states["start"]), -1
    while groups is not None and depth < groups.depth:
        further = groups.down_to(depth + 1)
        if used + cards(further) > MOST_CARDS:
            break
        used, depth = used + cards(further), depth + 1
        states[str(depth)] = further
    if depth < 0 and (groups is not None or used > len(WAYS) * MOST_CARDS):
        raise ExportError(
            f"A page holds at most {MOST_CARDS:,} cards, and here are {used // len(WAYS):,}. "
            "Close some groups, or export SVG."
        )
    return states, max(depth, 0)


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
