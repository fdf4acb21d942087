"""An exported graph as a list of instructions, executed on real tensors and recorded as it goes.

The records are of the same kind as those of an eager forward, one per ATen operation of the exported graph.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx
from torch._ops import HigherOrderOperator, OpOverload

from explorer.capture.calls import Call
from explorer.capture.overwrites import WRITTEN, Overwrites, learn
from explorer.capture.record import Failure
from explorer.capture.source import is_foreign
from explorer.errors import CaptureError

_FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')


@dataclass(frozen=True, slots=True)
class Ref:
    """In place of an argument: the value of an earlier instruction."""

    slot: int


@dataclass(frozen=True, slots=True)
class Instruction:
    """``target`` is called with ``args`` and ``kwargs``; ``nested`` says that references hide in lists.

    A ``body`` is a graph of its own, which runs where the context of ``target`` holds.
    """

    slot: int
    target: Any
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    nested: bool
    call: Call
    place: tuple[str, int] | None
    body: Program | None = None


class Program:
    """The instructions of one graph: ``inputs`` are the slots to be filled, ``outputs`` what it gives."""

    def __init__(self, graph: fx.Graph, parts: Mapping[str, Any]) -> None:
        self._slots = {node: slot for slot, node in enumerate(graph.nodes)}
        self._calls: dict[tuple[str, ...], Call] = {}
        self.inputs = [self._slots[node] for node in graph.nodes if node.op == "placeholder"]
        self.instructions = [self._instruction(node, parts) for node in graph.nodes if node.op == "call_function"]
        self.outputs = self._template(graph.output_node().args[0])
        self.constants = {
            self._slots[node]: parts[node.target]
            for node in graph.nodes
            if node.op == "get_attr" and not isinstance(parts[node.target], fx.GraphModule)
        }

    def run(self, inputs: Sequence[Any], records: list[Any], overwrites: Overwrites) -> Any:
        """Executes the instructions on ``inputs`` and appends a record for each ATen operation."""
        values: list[Any] = [None] * len(self._slots)
        for slot, value in [*zip(self.inputs, inputs, strict=True), *self.constants.items()]:
            values[slot] = value
        for step in self.instructions:
            if step.nested:
                args, kwargs = _fill(step.args, values), _fill(step.kwargs, values)
            else:
                args = tuple([values[a.slot] if type(a) is Ref else a for a in step.args])
                kwargs = step.kwargs
            values[step.slot] = _execute(step, args, kwargs, records, overwrites)
        return _fill(self.outputs, values)

    def _instruction(self, node: fx.Node, parts: Mapping[str, Any]) -> Instruction:
        args, kwargs = self._template(node.args), self._template(node.kwargs)
        nested = any(isinstance(a, list | tuple | dict) for a in args) or bool(kwargs)
        body = None
        if isinstance(node.target, HigherOrderOperator):
            body, args = _body(node, args, parts)
        return Instruction(self._slots[node], node.target, args, kwargs, nested, self._call(node), _place(node), body)

    def _template(self, value: Any) -> Any:
        if isinstance(value, fx.Node):
            return Ref(self._slots[value])
        if isinstance(value, list | tuple):
            parts = [self._template(part) for part in value]
            return parts if isinstance(value, list) else tuple(parts)
        if isinstance(value, dict):
            return {key: self._template(part) for key, part in value.items()}
        return value

    def _call(self, node: fx.Node) -> Call:
        """The module call that a node was captured in, with those around it."""
        call = self._calls.setdefault((), Call(None, (), ""))
        for key, (name, kind) in (node.meta.get("nn_module_stack") or {}).items():
            if name and "@" not in name and key != name:
                call = self._inner(call, tuple(name.split(".")), str(kind).rpartition(".")[2], key)
        return call

    def _inner(self, outer: Call, name: tuple[str, ...], kind: str, key: str) -> Call:
        """torch counts the calls of a module through the whole forward: ``fc@1`` is the second one of ``fc``."""
        again = key.rpartition("@")[2]
        number = int(again) + 1 if again.isdigit() else 1
        within = 1 if number == outer.number else number
        call = Call(outer, name, kind, within)
        return self._calls.setdefault(call.path, call)


def _execute(step: Instruction, args: tuple[Any, ...], kwargs: Any, records: list[Any], overwrites: Overwrites) -> Any:
    func = step.target
    if step.body is not None:
        with _CONTEXTS[str(func)][1](*args[: _CONTEXTS[str(func)][0]]):
            return step.body.run(args[_CONTEXTS[str(func)][0] :], records, overwrites)
    if not isinstance(func, OpOverload):
        return func(*args, **kwargs)
    if id(func) not in WRITTEN:
        learn(func)
    if WRITTEN[id(func)]:
        overwrites.keep(records, func, args, kwargs)
    try:
        out = func(*args, **kwargs)
    except Exception:
        records.append((func, args, kwargs, Failure(), step.call, step.place))
        raise
    if not WRITTEN[id(func)] and isinstance(out, Tensor) and any(out is argument for argument in args):
        out = out.view_as(out)  # handed on as it is (dropout in evaluation mode): give it an autograd node of its own
    records.append((func, args, kwargs, out, step.call, step.place))
    return out


_CONTEXTS: dict[str, tuple[int, Callable[..., Any]]] = {
    "wrap_with_set_grad_enabled": (1, torch.set_grad_enabled),
    "wrap_with_autocast": (4, lambda device, dtype, on, cache: torch.autocast(device, dtype, on, cache)),
}
"""Operators that run a graph of its own: how many arguments say in which context, and the context."""


def _body(node: fx.Node, args: tuple[Any, ...], parts: Mapping[str, Any]) -> tuple[Program, tuple[Any, ...]]:
    name = str(node.target)
    if name not in _CONTEXTS:
        raise CaptureError(f"The exported graph contains {name}, which cannot be run operation by operation.")
    place = _CONTEXTS[name][0]
    module = parts[node.args[place].target]  # type: ignore[union-attr, index]
    return Program(module.graph, dict(_parts(module))), args[:place] + args[place + 1 :]


def _parts(module: fx.GraphModule) -> Any:
    return [*module.named_modules(), *module.named_parameters(), *module.named_buffers(), *vars(module).items()]


def _fill(template: Any, values: list[Any]) -> Any:
    if type(template) is Ref:
        return values[template.slot]
    if isinstance(template, list):
        return [_fill(part, values) for part in template]
    if isinstance(template, tuple):
        return tuple([_fill(part, values) for part in template])
    if isinstance(template, dict):
        return {key: _fill(part, values) for key, part in template.items()}
    return template


def _place(node: fx.Node) -> tuple[str, int] | None:
    """The user's line that a node was captured from, as torch wrote it down."""
    frames = [(match["file"], int(match["line"])) for match in _FRAME.finditer(node.meta.get("stack_trace") or "")]
    return next((frame for frame in reversed(frames) if not is_foreign[frame[0]]), None)
