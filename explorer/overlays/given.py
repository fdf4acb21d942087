"""An overlay from a file: node id -> number or colour, as JSON or CSV.

    {"h.0.attn.qkv": 3.5, "linear_1": 0.25}                     one object
    [{"node": "c", "value": 3}, {"node": "d", "value": 1}]      or a list of rows
    node,value                                                  or CSV with a header
    c,#D55E00
    d,#009E73

A node is named by its id; the key of a group colours the group while it is closed. All entries are numbers, or all
are colours: ``#RGB``, ``#RRGGBB``, or one of the sixteen names of HTML 4.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from explorer.errors import OverlayError
from explorer.graph import Graph
from explorer.overlays.overlay import Datum, Overlay

MOST_CHARACTERS = 20_000_000
MOST_COLORS = 40
"""A legend with more colours than these cannot be read."""

MOST_NAMED = 5
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
NAMED = {
    "black": "#000000", "silver": "#C0C0C0", "gray": "#808080", "white": "#FFFFFF", "maroon": "#800000",
    "red": "#FF0000", "purple": "#800080", "fuchsia": "#FF00FF", "green": "#008000", "lime": "#00FF00",
    "olive": "#808000", "yellow": "#FFFF00", "navy": "#000080", "blue": "#0000FF", "teal": "#008080",
    "aqua": "#00FFFF",
}  # fmt: skip


def read_overlay(graph: Graph, text: str, name: str = "", groups: Collection[str] = ()) -> Overlay:
    """The overlay in a file's text, for the nodes of ``graph`` and its ``groups``, by key.

    Raises OverlayError, naming the entry, for unknown nodes, numbers that are none, and colours that cannot be read.
    """
    if len(text) > MOST_CHARACTERS:
        raise OverlayError(f"The file has {len(text):,} characters, and at most {MOST_CHARACTERS:,} are read.")
    found: dict[str, Datum] = {}
    for id_, raw in _entries(text.removeprefix("\ufeff")):
        if id_ in found:
            raise OverlayError(f"{id_!r} is in the file twice. Give every node once.")
        found[id_] = _datum(id_, raw)
    if not found:
        raise OverlayError('The file has no entries. Give for example {"' + (graph.ids or ["a"])[-1] + '": 1.5}.')
    _check_known(found, graph, groups)
    _check_one_sort(found)
    colors = {datum: datum for datum in found.values() if isinstance(datum, str)}
    if len(colors) > MOST_COLORS:
        raise OverlayError(f"The file has {len(colors)} colours, and at most {MOST_COLORS} are told apart.")
    return Overlay(
        "file",
        name or "From a file",
        [found.get(id_) for id_ in graph.ids],
        gather="same" if colors else "largest",
        words=tuple(colors),
        colors=colors,
        of_groups={id_: datum for id_, datum in found.items() if id_ not in graph.index},
    )


def parse_color(text: str) -> str | None:
    """``#RRGGBB`` in capitals, or None for what is no colour."""
    text = text.strip()
    if text.lower() in NAMED:
        return NAMED[text.lower()]
    if not _HEX.fullmatch(text):
        return None
    digits = text[1:] if len(text) == 7 else "".join(2 * digit for digit in text[1:])
    return f"#{digits.upper()}"


def _entries(text: str) -> Iterator[tuple[str, Any]]:
    if text.lstrip()[:1] in ("[", "{"):
        yield from _of_json(text)
    else:
        yield from _of_csv(text)


def _of_json(text: str) -> Iterator[tuple[str, Any]]:
    try:
        found = json.loads(text, object_pairs_hook=list)
    except (json.JSONDecodeError, RecursionError) as error:
        raise OverlayError(f"The file is not JSON: {error}.") from None
    is_object = text.lstrip()[0] == "{"
    for place, row in enumerate(found, 1):
        yield row if is_object else _of_row(row, f"Row {place}")


def _of_row(row: Any, where: str) -> tuple[str, Any]:
    fields = dict(row) if isinstance(row, list) and all(isinstance(pair, tuple) for pair in row) else {}
    if "node" not in fields or "value" not in fields:
        raise OverlayError(f'{where} is not an object with node and value, such as {{"node": "c", "value": 3}}.')
    return str(fields["node"]), fields["value"]


def _of_csv(text: str) -> Iterator[tuple[str, Any]]:
    rows = [row for row in csv.reader(io.StringIO(text), skipinitialspace=True) if any(map(str.strip, row))]
    for place, row in enumerate(rows, 1):
        if len(row) != 2:
            raise OverlayError(f"Line {place} has {len(row)} columns. Every line is node,value.")
        id_, raw = row[0].strip(), row[1].strip()
        if not (place == 1 and id_.lower() in ("node", "id", "node id")):
            yield id_, raw


def _datum(id_: str, raw: Any) -> float | str:
    """A finite number, or a colour."""
    if isinstance(raw, str):
        color = parse_color(raw)
        if color is not None:
            return color
    if not isinstance(raw, bool) and isinstance(raw, int | float | str):
        try:
            number = float(raw)
        except (ValueError, OverflowError):
            number = math.nan
        if math.isfinite(number):
            return number
    shown = str(raw) if len(str(raw)) <= 40 else f"{str(raw)[:40]}…"
    raise OverlayError(
        f"The entry of {id_!r} is {shown!r}: neither a finite number nor a colour. "
        "Give 1.5, #D55E00, or one of " + ", ".join(NAMED) + "."
    )


def _check_known(found: Mapping[str, Datum], graph: Graph, groups: Collection[str]) -> None:
    unknown = [id_ for id_ in found if id_ not in graph.index and id_ not in groups]
    if not unknown:
        return
    named = ", ".join(map(repr, unknown[:MOST_NAMED]))
    more = f" and {len(unknown) - MOST_NAMED} more" if len(unknown) > MOST_NAMED else ""
    near = get_close_matches(unknown[0], [*graph.ids[:2000], *groups], n=2)
    hint = f" For {unknown[0]!r}, did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise OverlayError(f"The graph has no node or group {named}{more}.{hint}")


def _check_one_sort(found: Mapping[str, Datum]) -> None:
    number = next((id_ for id_, datum in found.items() if isinstance(datum, float)), None)
    color = next((id_ for id_, datum in found.items() if isinstance(datum, str)), None)
    if number is not None and color is not None:
        raise OverlayError(f"{number!r} has a number and {color!r} a colour. Give numbers for all, or colours for all.")
