"""What a model holds and what a call hands it: modules, parameters, buffers and inputs, by name."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from types import CodeType
from typing import Any, NamedTuple

from torch import Tensor, nn

Path = tuple[str, ...]
_NONE: dict[str, Any] = {}


class Part(NamedTuple):
    """A module of a model, by its path in parts, and what was registered in it when the model was walked."""

    path: Path
    module: nn.Module
    parameters: Mapping[str, Tensor | None]
    buffers: Mapping[str, Tensor | None]
    training: bool


@dataclass(frozen=True)
class Members:
    """All modules of a model, in the order of registration, the root first.

    A module that is registered several times is one part, by its first path; its other paths are in ``again``.
    ``ids`` are the ids of the modules, ``weights`` the parameters, a shared one as often as it is registered.
    """

    parts: Sequence[Part]
    again: Sequence[tuple[Path, Part]]
    ids: AbstractSet[int]
    weights: Sequence[Tensor]

    @cached_property
    def parameters(self) -> Sequence[tuple[str, Tensor]]:
        """Parameters by qualified name, a shared one by each of its names."""
        return list(_named((path, part.parameters) for path, part in self._places()))

    @cached_property
    def buffers(self) -> Sequence[tuple[str, Tensor]]:
        """Buffers by qualified name, a shared one by each of its names."""
        return list(_named((path, part.buffers) for path, part in self._places()))

    def _places(self) -> Iterator[tuple[Path, Part]]:
        yield from ((part.path, part) for part in self.parts)
        yield from self.again


def members(root: nn.Module) -> Members:
    """Walks the model once; names are put together when somebody asks for them."""
    parts: dict[int, Part] = {}
    again: list[tuple[Path, Part]] = []
    weights: list[Tensor | None] = []
    ahead: list[tuple[Path, nn.Module]] = [((), root)]
    while ahead:
        path, module = ahead.pop()
        known = parts.get(id(module))
        if known is not None:
            again.append((path, known))
            continue
        own, other, children = module._parameters, module._buffers, module._modules
        parameters = dict(own.items()) if own else _NONE
        buffers = dict(other.items()) if other else _NONE
        weights += parameters.values()
        parts[id(module)] = Part(path, module, parameters, buffers, module.training)
        if children:
            for name, child in reversed(children.items()):
                if child is not None:
                    ahead.append(((*path, name), child))
    return Members(list(parts.values()), again, parts.keys(), [w for w in weights if w is not None])


def _named(places: Iterable[tuple[Path, Mapping[str, Tensor | None]]]) -> Iterator[tuple[str, Tensor]]:
    for path, tensors in places:
        for name, tensor in tensors.items():
            if tensor is not None:
                yield ".".join((*path, name)), tensor


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
    elif isinstance(value, list | tuple):
        for key, part in zip(getattr(value, "_fields", range(len(value))), value, strict=True):
            yield from tensors_in(part, _join(name, key))
    elif isinstance(value, Mapping):
        for key, part in value.items():
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
