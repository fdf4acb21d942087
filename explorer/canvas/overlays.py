"""What the canvas needs to colour nodes and to draw edges as wide as what they carry: a section of the trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.canvas.wire import Section
from explorer.overlays.colors import ink
from explorer.overlays.painted import Entry, Painted
from explorer.passes.condense import Condensed
from explorer.run import Run
from explorer.segment.sizes import value_bytes

NONE = 255
"""The class of a node of which nothing is known."""


def section(
    run: Run,
    seen: Condensed | None,
    sheets: Sequence[Painted],
    chosen: str = "",
    choices: Mapping[str, str] | None = None,
) -> Section:
    """``sheets`` are the overlays that travel along, for the nodes that are ``seen``; ``choices`` all that may be asked
    for, titles by key, of which ``chosen`` is shown.
    """
    listed = {sheet.overlay.key: sheet.overlay.title for sheet in sheets} if choices is None else choices
    header = {
        "chosen": chosen,
        "choices": [{"key": key, "title": title} for key, title in listed.items()],
        "sheets": [_sheet(sheet, seen is not None) for sheet in sheets],
    }
    classes = [np.array([NONE if place < 0 else place for place in sheet.classes], np.uint8) for sheet in sheets]
    return Section(header, {"classes": np.concatenate([np.zeros(0, np.uint8), *classes]), "bytes": _bytes(run, seen)})


def _sheet(sheet: Painted, has_groups: bool) -> dict[str, Any]:
    overlay = sheet.overlay
    notes = [overlay.note, overlay.about_groups if has_groups else ""]
    return {
        "key": overlay.key,
        "title": overlay.title,
        "note": "; ".join(filter(None, notes)),
        "after": overlay.after,
        "entries": [_entry(entry) for entry in sheet.entries],
        "texts": [sheet.text(node) for node in range(len(sheet.data))],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "label": entry.label,
        "mark": entry.mark,
        "light": [entry.light, ink(entry.light)],
        "dark": [entry.dark, ink(entry.dark)],
    }


def _bytes(run: Run, seen: Condensed | None) -> NDArray[np.float64]:
    """Per edge the bytes of the value that it carries."""
    if seen is None:
        return np.array([value_bytes(run.graph, value) for value in run.carried], np.float64)
    originals = [*seen.shows, *seen.hidden]
    return np.array([value_bytes(run.graph, originals[value]) for value in seen.run.carried], np.float64)
