"""Devices and the links between them: what they can do, where that is known from, and files of them."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from explorer.errors import SegmentError
from explorer.resources import asset


@dataclass(frozen=True)
class Device:
    """``flops``: operations a second by dtype; ``bandwidth``: bytes a second to its ``memory`` in bytes.

    ``watts`` under load, None where it is not known; ``overhead`` in seconds for every operation.
    """

    name: str
    flops: Mapping[str, float]
    bandwidth: float
    memory: float
    watts: float | None = None
    overhead: float = 0.0
    source: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if "float32" not in self.flops:
            raise SegmentError(f"Device {self.name!r} does not say how many float32 operations it does a second.")
        for dtype, rate in self.flops.items():
            _positive(self, f"its {dtype} operations a second", rate)
        _positive(self, "its bandwidth", self.bandwidth)
        _positive(self, "its memory", self.memory)
        _not_negative(self, "its overhead", self.overhead)
        if self.watts is not None:
            _positive(self, "its power", self.watts)

    def seconds(self, flops: float, bytes: float, dtype: str = "float32") -> float:
        """How long one operation takes by the roofline."""
        if not flops and not bytes:
            return 0.0
        rate = self.flops.get(dtype, self.flops["float32"])
        return self.overhead + max(flops / rate, bytes / self.bandwidth)


@dataclass(frozen=True)
class Link:
    """``bandwidth`` in bytes a second, ``latency`` in seconds, in one direction."""

    name: str
    bandwidth: float
    latency: float = 0.0
    source: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        _positive(self, "its bandwidth", self.bandwidth)
        _not_negative(self, "its latency", self.latency)

    def seconds(self, bytes: float) -> float:
        """How long it takes to send so much; nothing takes no time."""
        return self.latency + bytes / self.bandwidth if bytes else 0.0


def devices(path: Path | None = None) -> dict[str, Device]:
    """The devices of a file by name; of those that come with the package when no path is given.

    Raises SegmentError, naming the device and the field, where something is missing or not possible.
    """
    return {one.name: one for one in _read(path or asset("devices", "devices.toml"), "device", Device)}


def links(path: Path | None = None) -> dict[str, Link]:
    """The links of a file by name; of those that come with the package when no path is given."""
    return {one.name: one for one in _read(path or asset("devices", "links.toml"), "link", Link)}


def _read(path: Path, kind: str, make: type[Any]) -> list[Any]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get(kind, [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SegmentError(f"{path.name} cannot be read: {error}") from None
    known = {one.name for one in fields(make)}
    needed = {one for one in known if one not in ("watts", "overhead", "latency", "source")}
    made: list[Any] = []
    for number, table in enumerate(tables, 1):
        name = table.get("name", f"number {number}")
        for missing in sorted(needed - set(table)):
            raise SegmentError(f"{path.name}: {kind} {name!r} has no {missing!r}.")
        for strange in sorted(set(table) - known):
            raise SegmentError(f"{path.name}: {kind} {name!r} has {strange!r}; known are {', '.join(sorted(known))}.")
        made.append(make(**table))
    if len({one.name for one in made}) < len(made):
        raise SegmentError(f"{path.name}: two of them have the same name.")
    return made


def _positive(of: Device | Link, what: str, number: object) -> None:
    if not _is_number(number) or not number > 0:  # type: ignore[operator]
        raise SegmentError(f"{type(of).__name__} {of.name!r}: {what} is {number!r}. Give a number above 0.")


def _not_negative(of: Device | Link, what: str, number: object) -> None:
    if not _is_number(number) or number < 0:  # type: ignore[operator]
        raise SegmentError(f"{type(of).__name__} {of.name!r}: {what} is {number!r}. Give 0 or more.")


def _is_number(number: object) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
