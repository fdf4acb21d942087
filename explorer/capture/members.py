"""What a model holds and what a call hands it: modules, parameters, buffers and inputs, by name."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from types import CodeType
from typing import Any

from torch import Tensor, nn


@dataclass(frozen=True)
class Members:
    """Modules by path (in parts), parameters and buffers by qualified name, in the order of registration.

    A module that is registered twice comes once, by its first path; a tensor comes with each of its names.
    """

    modules: Sequence[tuple[tuple[str, ...], nn.Module]]
    parameters: Sequence[tuple[str, Tensor]]
    buffers: Sequence[tuple[str, Tensor]]


def members(root: nn.Module) -> Members:
    """Walks the model once; ``named_parameters`` and its like would walk it thrice, and slowly."""
    modules: list[tuple[tuple[str, ...], nn.Module]] = []
    parameters: list[tuple[str, Tensor]] = []
    buffers: list[tuple[str, Tensor]] = []
    seen: set[int] = set()
    ahead: list[tuple[tuple[str, ...], str, nn.Module]] = [((), "", root)]
    while ahead:
        path, prefix, module = ahead.pop()
        for name, parameter in module._parameters.items():
            if parameter is not None:
                parameters.append((prefix + name, parameter))
        for name, buffer in module._buffers.items():
            if buffer is not None:
                buffers.append((prefix + name, buffer))
        if id(module) not in seen:
            seen.add(id(module))
            modules.append((path, module))
            for name, child in reversed(module._modules.items()):
                if child is not None:
                    ahead.append(((*path, name), f"{prefix}{name}.", child))
    return Members(modules, parameters, buffers)


def input_names(module: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Iterator[tuple[str, Tensor]]:
    """The tensors of a call with the names of ``forward``'s parameters: ``x``, ``state.0``, ``mask``."""
    names = _parameter_names(module)
    for place, value in enumerate(args):
        name = names[place] if place < len(names) else f"input_{place}"
        yield from tensors_in(value, name)
    for name, value in kwargs.items():
        yield from tensors_in(value, name)


def tensors_in(value: Any, name: str) -> Iterator[tuple[str, Tensor]]:
    """The tensors in nested lists, tuples, mappings and dataclasses, each with its path."""
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from tensors_in(part, _join(name, key))
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        for key, part in zip(value._fields, value, strict=True):
            yield from tensors_in(part, _join(name, key))
    elif isinstance(value, list | tuple):
        for key, part in enumerate(value):
            yield from tensors_in(part, _join(name, key))
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from tensors_in(getattr(value, field.name), _join(name, field.name))


def _join(name: str, key: object) -> str:
    return f"{name}.{key}" if name else str(key)


def _parameter_names(module: nn.Module) -> Sequence[str]:
    """The positional parameters of ``forward`` after ``self``; none where it has no Python code."""
    code = getattr(inspect.unwrap(module.forward), "__code__", None)
    bound = inspect.ismethod(module.forward)
    return code.co_varnames[bound : code.co_argcount] if isinstance(code, CodeType) else ()
