"""Define and run: a program of the language built once, with both sides of every branch and its loops inside.

    if x > 0: y = x^2          gt = gt(x, 0)
    else:     y = 0.1 * x      y = cond(gt, [square: x -> y], [line: x -> y], x)

What the text says is written down as a graph of torch.fx before any number is known: an ``if`` becomes torch.cond with
a graph for each side, a ``while`` torch's while_loop, a ``for`` over a range that is written out is unrolled. What only
numbers could decide (how often a ``for`` turns, which element is taken) cannot be built once, and the error says so.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, fx
from torch.export import ExportedProgram

from explorer.capture.builder import COND, WHILE, Builder, Predicate, module_of
from explorer.capture.expression import Program
from explorer.capture.machine import Machine
from explorer.capture.sheet import Logic
from explorer.capture.statements import Compiler, Statement
from explorer.capture.values import Place
from explorer.errors import CaptureError, ProgramError
from explorer.run import Number, as_tensor

MOST_TURNS = 2_000
"""A loop that turns more often is given up: the numbers would never make its condition false."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One run of a built program: its ``result``; per branch, by the path to it, which side was taken; per loop how
    often it turned.
    """

    result: Tensor
    taken: Mapping[str, bool]
    turns: Mapping[str, int]


@dataclass
class Built:
    """``module`` holds the graph, a side of a branch as a module inside; ``inputs`` are its arguments in order."""

    module: fx.GraphModule
    inputs: Sequence[str]
    exported: ExportedProgram | None = field(default=None)

    def arguments(self, given: Mapping[str, Number]) -> tuple[Tensor, ...]:
        """Its arguments out of the values of inputs."""
        return tuple(as_tensor(given[name]) for name in self.inputs)

    def watch(self, given: Mapping[str, Number]) -> Seen:
        """Run it, one operation at a time, and see which way it goes. Raises ProgramError where it does not end."""
        watcher = _Watcher(self.module, "", {}, {})
        with torch.no_grad():
            result = watcher.run(*self.arguments(given))
        return Seen(result, watcher.taken, watcher.turns)

    def export(self, given: Mapping[str, Number]) -> ExportedProgram:
        """torch.export's ATen graph of it. Raises CaptureError with torch's reason where it gives up."""
        try:
            self.exported = torch.export.export(self.module, self.arguments(given))
        except Exception as error:
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise CaptureError(f"torch.export gave up: {reason} The graph above still runs.") from error
        return self.exported


def build(program: Program) -> Built:
    """The graph of everything that the program can do. Raises ProgramError, with the line, where none can be built."""
    compiler = StaticCompiler(program.readable, program.limits)
    run = compiler.block(program.tree.body)
    builder = Builder(program.limits, list(program.inputs))
    run(builder)
    if builder.last is None:
        raise ProgramError("The program computes nothing that a graph could be built of.")
    builder.tape.sheet.output(builder.tape.nodes[builder.last])
    return Built(module_of(builder), list(program.inputs))


class _Watcher(fx.Interpreter):
    """Executes a built graph and notes, by the path of graphs that leads there, which way it went."""

    def __init__(self, module: fx.GraphModule, path: str, taken: dict[str, bool], turns: dict[str, int]) -> None:
        super().__init__(module, garbage_collect_values=False)
        self.path, self.taken, self.turns = path, taken, turns

    def run_node(self, n: fx.Node) -> Any:
        if n.target is COND:
            test, yes, no, operands = (self.fetch_args_kwargs_from_env(n))[0]
            side = self.taken[self.path + n.name] = bool(test)
            return self._inside(yes if side else no, n, "/then/" if side else "/else/").run(*operands)
        if n.target is WHILE:
            return self._loop(n)
        return super().run_node(n)

    def _loop(self, n: fx.Node) -> Any:
        test, body, carried, others = (self.fetch_args_kwargs_from_env(n))[0]
        turns = 0
        while bool(self._inside(test, n, "/test/").run(*carried, *others)):
            carried = self._inside(body, n, "/turn/").run(*carried, *others)
            turns += 1
            if turns > MOST_TURNS:
                raise ProgramError(f"The loop turned more than {MOST_TURNS:,} times.", hint="Check its condition.")
        self.turns[self.path + n.name] = turns
        return carried

    def _inside(self, module: fx.GraphModule, n: fx.Node, step: str) -> _Watcher:
        return _Watcher(module, self.path + n.name + step, self.taken, self.turns)


class StaticCompiler(Compiler):
    """Conditions become nodes, and the statements that they steer torch.cond and while_loop."""

    def _branch(self, node: ast.If, depth: int) -> Statement:
        test, then = self.predicate(node.test), self.block(node.body, depth + 1)
        otherwise = self.block(node.orelse, depth + 1) if node.orelse else None
        place = self.place(node)
        return lambda machine: _builder(machine).branch(test(_builder(machine)), then, otherwise, place)

    def _while(self, node: ast.While, depth: int) -> Statement:
        test, body, place = self.predicate(node.test), self.block(node.body, depth + 1), self.place(node)
        return lambda machine: _builder(machine).loop(test, body, place)

    def _choice(self, node: ast.IfExp, depth: int) -> Callable[[Machine], int]:
        test, place = self.predicate(node.test), self.place(node)
        then, otherwise = self.expression(node.body, depth + 1), self.expression(node.orelse, depth + 1)

        def run(machine: Machine) -> int:
            builder, before = _builder(machine), machine.last
            sides = [lambda inner, value=value: inner.show(value(inner), place) for value in (then, otherwise)]
            builder.branch(test(builder), sides[0], sides[1], place)
            chosen, builder.last = builder.last, before
            assert chosen is not None
            return chosen

        return run

    def predicate(self, node: ast.expr, depth: int = 0) -> Predicate:
        """A condition as a node of true and false; unlike in a run, both sides of ``and`` and ``or`` are computed."""
        if depth > self._limits.nesting:
            raise self._too_deep(node)
        place = self.place(node)
        if isinstance(node, ast.BoolOp):
            parts = [self.predicate(value, depth + 1) for value in node.values]
            return _joined("and" if isinstance(node.op, ast.And) else "or", parts, place)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return _joined("not", [self.predicate(node.operand, depth + 1)], place)
        if isinstance(node, ast.Compare):
            lefts = [node.left, *node.comparators]
            links = [
                self._compared(a, sign, b, node, depth)
                for a, sign, b in zip(lefts, node.ops, node.comparators, strict=False)
            ]
            return links[0] if len(links) == 1 else _joined("and", links, place)
        value = self.expression(node, depth + 1)
        return lambda machine: machine.tape.emit("ne", (value(machine), machine.tape.constant(0.0, place)), place)


def _joined(name: str, parts: Sequence[Predicate], place: Place) -> Predicate:
    return lambda machine: machine.tape.call(Logic(name), [part(machine) for part in parts], name, place[0])


def _builder(machine: Machine) -> Builder:
    assert isinstance(machine, Builder)
    return machine
