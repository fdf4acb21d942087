"""Writes a program down as graphs of torch.fx, before any number is known.

A machine takes the compiled statements whose tape writes nodes instead of values. A side of a branch is written by a
machine inside of the one around it: what it reads from there becomes an argument of its graph.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import NoReturn

import torch
from torch import fx, nn

from explorer.capture.limits import Limits
from explorer.capture.machine import Machine
from explorer.capture.sheet import Logic, Sheet
from explorer.capture.statements import Statement
from explorer.capture.values import Place
from explorer.errors import NameProblem, ProgramError
from explorer.run import Number

COND, WHILE = torch.ops.higher_order.cond, torch.ops.higher_order.while_loop
Predicate = Callable[["Builder"], int]


class Builder(Machine):
    """Takes compiled statements and writes their graph. Inside of another builder (``outer``) it reads from there."""

    tape: Sheet

    def __init__(self, limits: Limits, inputs: Sequence[str], outer: Builder | None = None) -> None:
        super().__init__({}, {}, limits, _missing)
        self.tape = Sheet(limits)
        self.outer, self.lifted = outer, dict[int, int]()
        self._counters = dict(outer._counters) if outer is not None else {}
        self.inputs = {name: self.tape.argument(name) for name in inputs}

    # Names ---------------------------------------------------------------------------------------------------

    def declare(self, name: str, literal: Number, place: Place) -> None:
        if name in self.variables:
            self.assign(name, self.tape.constant(literal, place), place)
        else:
            self.variables[name] = self.inputs[name]
            self._counters.pop(name, None)

    def assign(self, name: str, index: int, place: Place) -> None:
        super().assign(name, index, place)
        node = self.tape.nodes[index]
        if node.op != "placeholder":
            node.meta.setdefault("name", name)

    def read(self, name: str, place: Place) -> int:
        if name in self._counters:
            return self.tape.constant(float(self._counters[name]), place)
        if self.outer is not None:
            return self.lift(self.outer.look_up(name, place), name)
        if name not in self.inputs:
            raise _missing(name, place)
        self.variables[name] = self.inputs[name]
        return self.inputs[name]

    def look_up(self, name: str, place: Place) -> int:
        """The node of a name, wherever it is."""
        index = self.variables.get(name)
        return self.read(name, place) if index is None else index

    def lift(self, index: int, name: str = "x") -> int:
        """An argument for what is node ``index`` outside."""
        if index not in self.lifted:
            self.lifted[index] = self.tape.argument(name)
        return self.lifted[index]

    def knows(self, name: str) -> bool:
        """Whether the name has a value here or outside."""
        return name in self.variables or name in self.inputs or (self.outer is not None and self.outer.knows(name))

    # Numbers that nobody knows yet ---------------------------------------------------------------------------

    def truth(self, index: int, place: Place) -> bool:
        _undecided("This condition", place)

    def whole(self, index: int, place: Place) -> int:
        _undecided("How often this turns, or which place this takes,", place)

    def whole_of(self, name: str, place: Place) -> int:
        if name in self._counters:
            return self._counters[name]
        _undecided(f"The number {name}", place)

    # Branches and loops --------------------------------------------------------------------------------------

    def branch(self, test: int, then: Statement, otherwise: Statement | None, place: Place) -> None:
        """torch.cond: both sides give the same names, each as it leaves them."""
        sides = [self._inside(then), self._inside(otherwise or (lambda machine: None))]
        made = list(dict.fromkeys(name for side in sides for name in side.variables))
        names = [name for name in made if all(side.knows(name) for side in sides)]
        ends = [[side.look_up(name, place) for name in names] for side in sides]
        shared = _shared_result(self, sides, names)
        if shared is None and any(side.last is not None for side in sides):
            latest = [index for side in sides if (index := side.latest()) is not None]
            for end, index in zip(ends, latest if len(latest) == len(sides) else (), strict=False):
                end.append(index)
        if not ends[0]:
            return
        operands = sorted({index for side in sides for index in side.lifted})
        for side, end in zip(sides, ends, strict=True):
            side.finish(operands, end)
        graphs = [self._graph(side, label) for side, label in zip(sides, ("then", "else"), strict=True)]
        values = tuple(self.tape.nodes[index] for index in operands)
        call = self.tape.sheet.call_function(COND, (self.tape.nodes[test], *graphs, values))
        self.tape.add(call, "cond", place[0])
        results = self._unpack(call, len(ends[0]), place)
        for name, index in zip(names, results, strict=False):
            self.assign(name, index, place)
        if shared is not None:
            self.last = results[names.index(shared)]
        elif len(results) > len(names):
            self.last = results[-1]

    def loop(self, test: Predicate, body: Statement, place: Place) -> None:
        """torch's while_loop: what the body sets and was there before is carried from turn to turn."""
        carried = [name for name in self._inside(body).variables if self.knows(name)]
        if not carried:
            raise ProgramError(
                "Nothing that this loop sets was there before it, so no turn differs from the one before.",
                line=place[0], column=place[1], hint="Set the loop's variables above it.",
            )  # fmt: skip
        for name in carried:  # in memory of its own: r = x would carry x itself
            self.assign(name, self.tape.call(Logic("copy"), [self.look_up(name, place)], "copy", place[0]), place)
        first = [self.variables[name] for name in carried]
        turn, check = self._inside(body), Builder(self._limits, (), self)
        ends = [turn.look_up(name, place) for name in carried]
        verdict = test(check)
        others = sorted({index for inner in (turn, check) for index in inner.lifted} - set(first))
        turn.finish([*first, *others], ends)
        check.finish([*first, *others], verdict)
        graphs = [self._graph(check, "test"), self._graph(turn, "turn")]
        values = [tuple(self.tape.nodes[index] for index in part) for part in (first, others)]
        call = self.tape.sheet.call_function(WHILE, (*graphs, *values))
        self.tape.add(call, "while_loop", place[0])
        for name, index in zip(carried, self._unpack(call, len(carried), place), strict=True):
            self.assign(name, index, place)
        result = next((name for name in carried if turn.variables.get(name) == turn.last), None)
        if result is not None:
            self.last = self.variables[result]

    def finish(self, operands: Sequence[int], ends: Sequence[int] | int) -> None:
        """The arguments in order, whether read or not, and the results, none of which is an argument or another."""
        placeholders = [self.tape.nodes[self.lift(index)] for index in operands]
        for node in reversed(placeholders):
            next(iter(self.tape.sheet.nodes)).prepend(node)
        if isinstance(ends, int):
            self.tape.sheet.output(self.tape.nodes[ends])
            return
        outputs: list[fx.Node] = []
        for index in ends:
            node = self.tape.nodes[index]
            if node.op == "placeholder" or node in outputs:
                node = self.tape.nodes[self.tape.call(Logic("copy"), [index], "copy")]
            outputs.append(node)
        self.tape.sheet.output(tuple(outputs))

    def _inside(self, body: Statement) -> Builder:
        inner = Builder(self._limits, (), self)
        body(inner)
        return inner

    def _graph(self, inner: Builder, label: str) -> fx.Node:
        return self.tape.sheet.get_attr(self.tape.hold(module_of(inner), label))

    def _unpack(self, call: fx.Node, count: int, place: Place) -> list[int]:
        sheet = self.tape.sheet
        parts = [sheet.call_function(operator.getitem, (call, number)) for number in range(count)]
        return [self.tape.add(part, "getitem", place[0]) for part in parts]

    def latest(self) -> int | None:
        """What is the result so far, here or outside."""
        if self.last is not None or self.outer is None:
            return self.last
        before = self.outer.latest()
        return None if before is None else self.lift(before)


def module_of(builder: Builder) -> fx.GraphModule:
    """The module that runs what a builder wrote."""
    module = fx.GraphModule(nn.ModuleDict(builder.tape.modules), builder.tape.sheet)
    for node, copy in zip(builder.tape.sheet.nodes, module.graph.nodes, strict=True):
        copy.meta |= node.meta
    return module


def _shared_result(outer: Builder, sides: Sequence[Builder], names: Sequence[str]) -> str | None:
    """The name that was set last on both sides, if it is one; a side that sets nothing leaves what was last before."""

    def is_last(side: Builder, name: str) -> bool:
        machine = outer if side.last is None else side
        return machine.last is not None and machine.variables.get(name) == machine.last

    return next((name for name in names if all(is_last(side, name) for side in sides)), None)


def _undecided(what: str, place: Place) -> NoReturn:
    raise ProgramError(
        f"{what} is known only when the program runs, so no graph can be built beforehand.",
        line=place[0], column=place[1], hint="Write the number out, for example range(3); a while loop can be built.",
    )  # fmt: skip


def _missing(name: str, place: Place) -> NameProblem:
    return NameProblem(
        f"{name!r} need not have a value here: it is set on one side of a branch, or inside of a loop, alone.",
        line=place[0], column=place[1], hint=f"Set {name} before, or on both sides.",
    )  # fmt: skip
