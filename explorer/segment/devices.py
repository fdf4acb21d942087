"""Devices and the links between them: what they can do, where that is known from, and files of them."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

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
        _named(self)
        if not isinstance(self.flops, Mapping) or "float32" not in self.flops:
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
        _named(self)
        _positive(self, "its bandwidth", self.bandwidth)
        _not_negative(self, "its latency", self.latency)

    def seconds(self, bytes: float) -> float:
        """How long it takes to send so much; nothing takes no time."""
        return self.latency + bytes / self.bandwidth if bytes else 0.0


def devices(path: Path | None = None) -> dict[str, Device]:
    """The devices of a file by name; of those that come with the package when no path is given.

    Raises SegmentError, naming the device and the field, where something is missing or not possible.
    """
    path = path or asset("devices", "devices.toml")
    return {one.name: one for one in _made(_tables(_text(path), path.name), path.name, "device", Device)}


def links(path: Path | None = None) -> dict[str, Link]:
    """The links of a file by name; of those that come with the package when no path is given."""
    path = path or asset("devices", "links.toml")
    return {one.name: one for one in _made(_tables(_text(path), path.name), path.name, "link", Link)}


def read_profiles(text: str, name: str = "the file") -> tuple[list[Device], list[Link]]:
    """The devices and links in a text: TOML as in ``assets/devices``, or JSON of the same form.

    Raises SegmentError where there is none, or where one is not possible.
    """
    tables = _tables(text, name)
    found = _made(tables, name, "device", Device), _made(tables, name, "link", Link)
    if not any(found):
        raise SegmentError(f"{name} holds no profile. Give [[device]] and [[link]] tables with a name each.")
    return found


def write_profiles(devices: Iterable[Device], links: Iterable[Link], form: Literal["toml", "json"] = "toml") -> str:
    """A text that ``read_profiles`` reads: what is not known or 0 is left out."""
    tables = {"device": [_table(one) for one in devices], "link": [_table(one) for one in links]}
    if form == "json":
        return json.dumps(tables, indent=2) + "\n"
    return "\n".join(
        "\n".join([f"[[{kind}]]", *(f"{key} = {_toml(value)}" for key, value in table.items()), ""])
        for kind, listed in tables.items()
        for table in listed
    )


def _table(one: Device | Link) -> dict[str, Any]:
    found = {part.name: getattr(one, part.name) for part in fields(one)}
    return {key: dict(value) if isinstance(value, Mapping) else value for key, value in found.items() if value}


def _toml(value: Any) -> str:
    """JSON's strings and numbers are TOML's too; a table is written on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SegmentError(f"{path.name} cannot be read: {error}") from None


def _tables(text: str, name: str) -> Mapping[str, Any]:
    """TOML, or JSON where it begins with a brace."""
    try:
        read = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise SegmentError(f"{name} cannot be read: {error}") from None
    assert isinstance(read, dict)
    return read


def _made(read: Mapping[str, Any], file: str, kind: str, make: type[Any]) -> list[Any]:
    tables = read.get(kind, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise SegmentError(f"{file}: {kind!r} is not a list of tables. Write [[{kind}]] above each.")
    known = {one.name for one in fields(make)}
    needed = {one for one in known if one not in ("watts", "overhead", "latency", "source")}
    made: list[Any] = []
    for number, table in enumerate(tables, 1):
        name = table.get("name", f"number {number}")
        for missing in sorted(needed - set(table)):
            raise SegmentError(f"{file}: {kind} {name!r} has no {missing!r}.")
        for strange in sorted(set(table) - known):
            raise SegmentError(f"{file}: {kind} {name!r} has {strange!r}; known are {', '.join(sorted(known))}.")
        made.append(make(**table))
    if len({one.name for one in made}) < len(made):
        raise SegmentError(f"{file}: two of them have the same name.")
    return made


def _named(of: Device | Link) -> None:
    if not isinstance(of.name, str) or not of.name.strip():
        raise SegmentError(f"A {type(of).__name__.lower()} is called {of.name!r}. Give it a name.")


def _positive(of: Device | Link, what: str, number: object) -> None:
    if not _is_number(number) or not number > 0:  # type: ignore[operator]
        raise SegmentError(f"{type(of).__name__} {of.name!r}: {what} is {number!r}. Give a number above 0.")


def _not_negative(of: Device | Link, what: str, number: object) -> None:
    if not _is_number(number) or number < 0:  # type: ignore[operator]
        raise SegmentError(f"{type(of).__name__} {of.name!r}: {what} is {number!r}. Give 0 or more.")


def _is_number(number: object) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
