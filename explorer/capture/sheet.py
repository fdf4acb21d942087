"""A tape that writes nodes of a torch.fx graph, before any number is known, and what these nodes call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, fx, nn

from explorer.capture.limits import Limits
from explorer.capture.tape import Tape
from explorer.capture.values import Place
from explorer.ops import OPS
from explorer.run import Number


class Operation(nn.Module):
    """One operation of the table, by its ``name``."""

    def __init__(self, name: str, attrs: dict[str, Any]) -> None:
        super().__init__()
        self.name, self.attrs = name, attrs

    def forward(self, *inputs: Tensor) -> Tensor:
        return OPS[self.name].call(*inputs, **self.attrs)


class Constant(nn.Module):
    """A number that is written out."""

    def __init__(self, value: Number) -> None:
        super().__init__()
        self.rows = value.tolist() if isinstance(value, Tensor) else value

    def forward(self) -> Tensor:
        return torch.tensor(self.rows, dtype=torch.float64)


class Logic(nn.Module):
    """``and``, ``or``, ``not`` of conditions; ``copy`` hands a value on in memory of its own."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, *inputs: Tensor) -> Tensor:
        if self.name == "copy":
            return inputs[0].clone()
        if self.name == "not":
            return inputs[0].logical_not()
        result = inputs[0]
        for other in inputs[1:]:
            result = result.logical_and(other) if self.name == "and" else result.logical_or(other)
        return result


class Sheet(Tape):
    """A tape that writes nodes of a graph: row i is ``nodes[i]``."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.sheet, self.nodes = fx.Graph(), list[fx.Node]()
        self.modules: dict[str, nn.Module] = {}
        self.fixed: set[int] = set()

    def add(self, node: fx.Node, label: str, line: int = 0) -> int:
        """A node that is there already, as a row."""
        node.meta |= {"label": label, "line": line}
        if len(self.nodes) >= self.pause:
            self.breathe((line, 1))
        self.rows.append((label, (), line, self.scope))
        self.nodes.append(node)
        return len(self.nodes) - 1

    def argument(self, name: str) -> int:
        """A new argument of the graph. To torch it is a number: a user's names are no Python of ours."""
        return self.add(self.sheet.placeholder(f"x{len(self.nodes)}"), name)

    def call(self, module: nn.Module, ports: Sequence[int], label: str, line: int = 0) -> int:
        """A new node that calls ``module``."""
        target = self.hold(module, label)
        return self.add(self.sheet.call_module(target, tuple(self.nodes[port] for port in ports)), label, line)

    def hold(self, module: nn.Module, label: str) -> str:
        target = f"{label}_{len(self.modules)}"
        self.modules[target] = module
        return target

    def leaf(self, kind: str, name: str, value: Number, requires_grad: bool, line: int) -> int:
        return self.constant(value, (line, 1))

    def constant(self, value: Number, place: Place) -> int:
        index = self.call(Constant(value), (), "constant", place[0])
        self.nodes[index].meta["value"] = value
        self.fixed.add(index)
        return index

    def emit(self, op: str, ports: tuple[int, ...], place: Place, attrs: dict[str, Any] | None = None) -> int:
        if op == "pow" and ports[1] not in self.fixed:
            op = "power"
        return self.call(Operation(op, attrs or {}), ports, op, place[0])

    def binary(self, op: str, rule: Any, a: int, b: int, place: Place) -> int:
        return self.emit(op, (a, b), place)
