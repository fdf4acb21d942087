"""The arguments of a recorded torch operation by the names of its schema: which were tensors, which were not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import torch

_OWN = frozenset({"target", "module", "call", "file", "function", "also", "failed", "grad_fn"})
"""Attributes of a recorded node that are about the record, not arguments of the operation."""


def schema(attrs: Mapping[str, Any]) -> str:
    """torch's signature of a recorded operation, or "" where it is none of torch's."""
    found = _schema(str(attrs.get("target", "")))
    return "" if found is None else str(found)


def numbers(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that were no tensors, by name, where they were not given by their defaults; none that is None."""
    found = _schema(str(attrs.get("target", "")))
    defaults = {} if found is None else {a.name: a.default_value for a in found.arguments if a.has_default_value()}
    given = {name: value for name, value in attrs.items() if name not in _OWN}
    return {name: value for name, value in (defaults | given).items() if value is not None}


def ports(attrs: Mapping[str, Any], count: int) -> tuple[str, ...]:
    """The argument's name for each of ``count`` ports; a list of tensors gives its name to several.

    Shorter than ``count`` where the schema does not account for every port.
    """
    found = _schema(str(attrs.get("target", "")))
    return () if found is None else tuple(_names(found, attrs, count))[:count]


def _names(found: Any, attrs: Mapping[str, Any], count: int) -> Iterator[str]:
    tensors = [a for a in found.arguments if "Tensor" in str(a.type) and (a.name in _OWN or a.name not in attrs)]
    for place, argument in enumerate(tensors):
        is_list = str(argument.type).startswith("List")
        yield from [argument.name] * (count - place - len(tensors[place + 1 :]) if is_list else 1)


@lru_cache(maxsize=4096)
def _schema(target: str) -> Any | None:
    """The schema of ``aten.add.Tensor``."""
    space, _, rest = target.partition(".")
    name, _, overload = rest.partition(".")
    try:
        return getattr(getattr(getattr(torch.ops, space), name), overload)._schema
    except (AttributeError, RuntimeError):
        return None
