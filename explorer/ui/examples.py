"""The worked examples: one TOML file each under ``assets/examples``, in the order of their file names."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from explorer.resources import asset

Value = float | list[Any]
"""What an input holds: a number, or a vector or matrix as nested lists."""


@dataclass(frozen=True, slots=True)
class Example:
    """A program with its inputs, and one sentence on what to notice."""

    slug: str
    title: str
    notice: str
    program: str
    inputs: Mapping[str, Value]


@cache
def examples() -> tuple[Example, ...]:
    """Every example, the one to start with first."""
    return tuple(_read(path) for path in sorted(asset("examples").glob("*.toml")))


def _read(path: Path) -> Example:
    with path.open("rb") as file:
        fields = tomllib.load(file)
    inputs = MappingProxyType(fields.get("inputs", {}))
    return Example(path.stem, fields["title"], fields["notice"], fields["program"].strip(), inputs)
