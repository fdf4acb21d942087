"""What stands in for a model's ``forward`` while torch.export captures it, so that it is captured as it was written.

torch.export gives no free sizes to a call with keywords that ``forward`` takes as ``**``, knows no dataclass that
nobody registered, and looks into an ``autograd.Function`` without a word on the backward pass that it loses.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from functools import wraps
from inspect import Parameter
from typing import Any

from torch import nn
from torch.autograd.function import BackwardCFunction
from torch.autograd.graph import Node as GradNode
from torch.jit import ScriptModule
from torch.utils._pytree import SUPPORTED_NODES

from explorer.capture.members import tensors_in

Close = Callable[[Any], Any]
"""From an output as it was captured to one as the model returns it."""


class Capturing:
    """What was learned of a ``forward`` when it ran: ``close``, and the ``functions`` with a backward of their own."""

    def __init__(self) -> None:
        self.close: Close = lambda output: output
        self.functions: list[str] = []

    @contextmanager
    def watching(self, module: nn.Module, keywords: Iterable[str]) -> Iterator[None]:
        """A block in which the module's ``forward`` can be captured when it is called with ``keywords``."""
        if isinstance(module, ScriptModule):
            yield
            return
        forward, attributes = module.forward, module.__dict__

        @wraps(forward)
        def watched(*args: Any, **kwargs: Any) -> Any:
            output = forward(*args, **kwargs)
            self.functions = sorted(_functions(output))
            opened, self.close = _open(output)
            return opened

        watched.__signature__ = _naming(inspect.signature(forward), keywords)  # type: ignore[attr-defined]
        before = attributes.get("forward")
        attributes["forward"] = watched
        try:
            yield
        finally:
            attributes.pop("forward")
            if before is not None:
                attributes["forward"] = before


def _naming(signature: inspect.Signature, keywords: Iterable[str]) -> inspect.Signature:
    """The signature, with names for what it takes as ``**``."""
    own = list(signature.parameters.values())
    unnamed = [name for name in keywords if name not in signature.parameters]
    if not unnamed or not own or own[-1].kind is not Parameter.VAR_KEYWORD:
        return signature
    return signature.replace(parameters=[*own[:-1], *(Parameter(n, Parameter.KEYWORD_ONLY) for n in unnamed)])


def _open(value: Any) -> tuple[Any, Close]:
    """Dataclasses that torch cannot take apart, as dicts of their fields; and the way back."""
    if is_dataclass(value) and not isinstance(value, type) and type(value) not in SUPPORTED_NODES:
        kind, (parts, close) = type(value), _open({field.name: getattr(value, field.name) for field in fields(value)})
        return parts, lambda found: _made(kind, close(found))
    if type(value) is dict:
        named = {name: _open(part) for name, part in value.items()}
        return {name: part for name, (part, _) in named.items()}, lambda found: {
            name: close(found[name]) for name, (_, close) in named.items()
        }
    if type(value) in (list, tuple):
        row, kind = [_open(part) for part in value], type(value)
        return kind(part for part, _ in row), lambda found: kind(
            close(part) for (_, close), part in zip(row, found, strict=True)
        )
    return value, lambda found: found


def _made(kind: type, parts: dict[str, Any]) -> Any:
    """A dataclass with these fields; what its ``__init__`` does was done when the model ran."""
    made: Any = object.__new__(kind)
    for name, part in parts.items():
        object.__setattr__(made, name, part)
    return made


def _functions(output: Any) -> set[str]:
    """The names of the user's ``autograd.Function``\\ s behind an output."""
    ahead: list[GradNode] = [t.grad_fn for _, t in tensors_in(output, "") if t.grad_fn is not None]
    seen, found = set(ahead), set[str]()
    while ahead:
        fn = ahead.pop()
        if isinstance(fn, BackwardCFunction):
            found.add(fn.name().removesuffix("Backward"))
        for before, _ in fn.next_functions:
            if before is not None and before not in seen:
                seen.add(before)
                ahead.append(before)
    return found
