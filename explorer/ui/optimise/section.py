"""What the canvas gets: the level of each card, and what a pass makes or made of it.

``level``  u4 per drawn node; ``mark`` u1 per drawn node: 1 merged, 2 folded, 3 gone, 4 kept, else 0
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from explorer.canvas.wire import Section
from explorer.execute import levels
from explorer.passes.rewrite import Changes, Rewrite
from explorer.ui.view import View

MERGED, FOLDED, GONE, KEPT = 1, 2, 3, 4

Tagged = tuple[int, int, str]
"""A node of the run that is shown, its mark, and a word or two."""


def section(
    view: View, found: tuple[Rewrite, Changes] | None, before: bool, shows_levels: bool, kept: Sequence[str] = ()
) -> Section:
    """Levels are those of the cards that are drawn. ``before``: the graph that is shown has not been simplified.
    ``kept`` are ids of checkpoints that were chosen by hand.
    """
    drawn = view.shown.graph
    level, mark, tags = levels(drawn), np.zeros(len(drawn), np.uint8), dict[int, str]()
    changed = () if found is None else (_before(*found) if before else _after(*found))
    index = view.run.graph.index
    for node, kind, says in (*((index[id_], KEPT, "kept") for id_ in kept if id_ in index), *changed):
        place = node if view.seen is None else view.seen.node_of[node]
        if view.seen is None or view.seen.shows[place] == node:
            mark[place], tags[place] = kind, says
    header = {"levels": max(level, default=-1) + 1, "showLevels": shows_levels, "tags": tags}
    return Section(header, {"level": np.array(level, np.uint32), "mark": mark})


def _after(_: Rewrite, changes: Changes) -> Iterator[Tagged]:
    for node, olds in changes.merged.items():
        yield node, MERGED, f"{len(olds)} in 1"
    for node in changes.folded:
        yield node, FOLDED, "folded"


def _before(rewrite: Rewrite, changes: Changes) -> Iterator[Tagged]:
    for place, (node, olds) in enumerate(changes.merged.items()):
        for old in olds:
            kind = MERGED if rewrite.origin[node] == old else GONE
            yield old, kind, f"= {_letter(place)}"
    for node in changes.folded:
        yield rewrite.origin[node], FOLDED, "constant"
    for old in changes.gone:
        yield old, GONE, "not needed"


def _letter(place: int) -> str:
    """A to Z, then AA, AB: equal letters mean equal expressions."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
