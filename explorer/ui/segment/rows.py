"""Devices and links as rows of a table, in units that people use, and back. No Streamlit in here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Literal, NamedTuple

from explorer.errors import SegmentError
from explorer.segment.devices import Device, Link
from explorer.segment.profiles import Profiles

KindOf = Literal["device", "link"]
Row = dict[str, Any]


class Column(NamedTuple):
    """``field`` of a profile, in ``unit``; ``flops.float32`` is the entry of a table."""

    title: str
    field: str
    unit: float = 1.0
    is_needed: bool = False
    is_text: bool = False


COLUMNS: Mapping[KindOf, Sequence[Column]] = {
    "device": (
        Column("Device", "name", is_needed=True, is_text=True),
        Column("float32 GFLOP/s", "flops.float32", 1e9, is_needed=True),
        Column("float16 GFLOP/s", "flops.float16", 1e9),
        Column("bfloat16 GFLOP/s", "flops.bfloat16", 1e9),
        Column("Bandwidth GB/s", "bandwidth", 1e9, is_needed=True),
        Column("Memory GiB", "memory", 2.0**30, is_needed=True),
        Column("Watts", "watts"),
        Column("Overhead µs", "overhead", 1e-6),
        Column("Source", "source", is_text=True),
    ),
    "link": (
        Column("Link", "name", is_needed=True, is_text=True),
        Column("Bandwidth MB/s", "bandwidth", 1e6, is_needed=True),
        Column("Latency ms", "latency", 1e-3),
        Column("Source", "source", is_text=True),
    ),
}


def written(kind: KindOf, profiles: Profiles) -> list[Row]:
    """A row a profile."""
    known: Mapping[str, Device | Link] = profiles.devices if kind == "device" else profiles.links
    return [{column.title: _cell(one, column) for column in COLUMNS[kind]} for one in known.values()]


def read(base: Profiles, devices: Sequence[Row], links: Sequence[Row]) -> Profiles:
    """The profiles of edited rows; one whose row is as it was stays as it was, to the last digit.

    Raises SegmentError, naming the profile and the field, for what cannot be.
    """
    found = _read("device", base, devices, Device), _read("link", base, links, Link)
    for kind, known in zip(("device", "link"), found, strict=True):
        if not known:
            raise SegmentError(f"There is no {kind} left, and a plan needs one. Add a row.")
    return Profiles(*found)


def _read(kind: KindOf, base: Profiles, given: Sequence[Row], make: type[Any]) -> dict[str, Any]:
    known: Mapping[str, Any] = base.devices if kind == "device" else base.links
    as_was = {tuple(row.values()): one for row, one in zip(written(kind, base), known.values(), strict=True)}
    found: dict[str, Any] = {}
    for row in given:
        cells = tuple(_plain(row.get(column.title)) for column in COLUMNS[kind])
        if all(cell is None for cell in cells):
            continue
        one = as_was.get(cells) or _made(kind, cells, make)
        if one.name in found:
            raise SegmentError(f"Two of them are called {one.name!r}. Give each {kind} a name of its own.")
        found[one.name] = one
    return found


def _made(kind: KindOf, cells: Sequence[Any], make: type[Any]) -> Any:
    parts: dict[str, Any] = {}
    for column, cell in zip(COLUMNS[kind], cells, strict=True):
        if cell is None:
            if column.is_needed:
                raise SegmentError(f"{kind.capitalize()} {cells[0] or 'without a name'!r} has no {column.title!r}.")
            continue
        value = cell if column.is_text else cell * column.unit
        field, _, key = column.field.partition(".")
        if key:
            parts.setdefault(field, {})[key] = value
        else:
            parts[field] = value
    return make(**parts)


def _cell(one: Device | Link, column: Column) -> Any:
    field, _, key = column.field.partition(".")
    assert field in {part.name for part in fields(one)}
    value = getattr(one, field)
    value = value.get(key) if key else value
    if column.is_text or value is None:
        return value or None
    return float(f"{value / column.unit:.12g}")


def _plain(cell: Any) -> Any:
    """None for an empty cell, whichever way the table says so."""
    if cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell)):
        return None
    return cell.strip() or None if isinstance(cell, str) else float(cell)
