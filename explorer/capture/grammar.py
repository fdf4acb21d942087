"""Expressions, from Python's syntax tree to closures that write the tape. Only what is listed here exists.

The tree is walked once, and everything that the language does not have is refused there. An expression's closure
takes the machine and returns the index of its node; a condition's returns True or False; a whole number's (a
loop bound, an index) returns an int.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Collection
from difflib import get_close_matches
from typing import Any

from explorer.capture.literals import Reader
from explorer.capture.machine import Machine
from explorer.capture.values import Place
from explorer.errors import NameProblem
from explorer.ops import OPS

Expression = Callable[[Machine], int]
Condition = Callable[[Machine], bool]
Whole = Callable[[Machine], int]

BINARY = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.MatMult: "matmul",
}  # fmt: skip
COMPARE = {ast.Gt: "gt", ast.GtE: "ge", ast.Lt: "lt", ast.LtE: "le", ast.Eq: "eq", ast.NotEq: "ne"}
WHOLE = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}
CONSTANTS = {"pi": math.pi, "π": math.pi}

_ONE = "sin cos tan exp log sqrt abs tanh sigmoid relu gelu softplus norm transpose softmax sum mean"
_TWO = "dot pow mse cross_entropy"
FUNCTIONS: dict[str, dict[int, str]] = {
    **{name: {1: name} for name in _ONE.split(" ")},
    **{name: {2: name} for name in _TWO.split(" ")},
    "ln": {1: "log"},
    "max": {1: "amax", 2: "maximum"},
    "min": {1: "amin", 2: "minimum"},
    "clip": {3: "clip"},
    "where": {3: "where"},
}
"""What a call means: function -> number of arguments -> op."""

ALONG_AXIS = frozenset({"softmax", "sum", "mean", "amax", "amin"})
"""Ops that take ``axis=`` as a keyword."""


class Expressions(Reader):
    """Compiles expressions, conditions and whole numbers."""

    def expression(self, node: ast.expr, depth: int = 0) -> Expression:
        """An expression of numbers and tensors."""
        if depth > self._limits.nesting:
            raise self._too_deep(node)
        if isinstance(node, ast.BinOp):
            return self._chain(node, depth)
        if isinstance(node, ast.Name):
            return self._name(node)
        literal = self.literal(node)
        if literal is not None:
            place = self.place(node)
            return lambda machine: machine.tape.constant(literal, place)
        if isinstance(node, ast.UnaryOp):
            return self._unary(node, depth)
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        if isinstance(node, ast.Compare):
            return self._comparison(node, depth)
        if isinstance(node, ast.List):
            return self._stack(node, depth)
        if isinstance(node, ast.Subscript):
            return self._index(node, depth)
        if isinstance(node, ast.IfExp):
            return self._choice(node, depth)
        raise self._refuse(node)

    def _chain(self, node: ast.BinOp, depth: int) -> Expression:
        """``a + b - c ...`` leans to the left as deep as it is long, so it is unrolled instead of recursed."""
        links: list[tuple[str, Any, Expression, Place]] = []
        first: ast.expr = node
        while isinstance(first, ast.BinOp):
            op = BINARY.get(type(first.op))
            if op is None:
                raise self._refuse(first.op, at=first)
            scalar = OPS[op].scalar
            rule = scalar.value if scalar is not None and op != "pow" else None
            links.append((op, rule, self.expression(first.right, depth + 1), self.place(first)))
            first = first.left
        start = self.expression(first, depth + 1)
        if len(links) == 1:
            op, rule, right, place = links[0]
            return lambda machine: machine.tape.binary(op, rule, start(machine), right(machine), place)
        links.reverse()

        def run(machine: Machine) -> int:
            index, binary = start(machine), machine.tape.binary
            for op, rule, right, place in links:
                index = binary(op, rule, index, right(machine), place)
            return index

        return run

    def _name(self, node: ast.Name) -> Expression:
        name, place = node.id, self.place(node)
        if name in CONSTANTS:
            return lambda machine: machine.named_constant(name, CONSTANTS[name], place)
        if name in FUNCTIONS or name == "range":
            raise self._problem(node, f"{name!r} is a function.", f"Give it something in brackets: {name}(x).")
        self._check_dunder(node, name)

        def run(machine: Machine) -> int:
            index = machine.variables.get(name)
            return index if index is not None else machine.read(name, place)

        return run

    def _unary(self, node: ast.UnaryOp, depth: int) -> Expression:
        value, place = self.expression(node.operand, depth + 1), self.place(node)
        if isinstance(node.op, ast.UAdd):
            return value
        if isinstance(node.op, ast.USub):
            return lambda machine: machine.tape.emit("neg", (value(machine),), place)
        raise self._refuse(node.op, at=node)

    def _call(self, node: ast.Call, depth: int) -> Expression:
        op, attrs = self._called(node)
        arguments, place = [self.expression(a, depth + 1) for a in node.args], self.place(node)

        def run(machine: Machine) -> int:
            ports = tuple([argument(machine) for argument in arguments])
            return machine.tape.emit(op, ports, place, {k: v(machine) for k, v in attrs.items()} or None)

        return run

    def _called(self, node: ast.Call) -> tuple[str, dict[str, Whole]]:
        if not isinstance(node.func, ast.Name):
            raise self._refuse(node.func)
        name = node.func.id
        by_count = FUNCTIONS.get(name)
        if by_count is None:
            self._check_dunder(node.func, name)
            near = get_close_matches(name, FUNCTIONS, n=1)
            known = f"The functions are {', '.join(sorted(FUNCTIONS))}; for a product write {name} * (...)."
            hint = f"Did you mean {near[0]}?" if near else known
            raise NameProblem(f"There is no function {name!r}.", **self._at(node), hint=hint)
        op = by_count.get(len(node.args))
        if op is None:
            counts = " or ".join(str(count) for count in by_count)
            raise self._problem(
                node, f"{name} takes {counts} argument(s), not {len(node.args)}.", _example(name, by_count)
            )
        for extra in node.keywords:
            if extra.arg != "axis" or op not in ALONG_AXIS:
                raise self._problem(
                    node,
                    f"{name} has no argument {extra.arg!r}.",
                    "Some take axis=, for example sum(A, axis=0).",
                )
        return op, {str(extra.arg): self.whole(extra.value) for extra in node.keywords}

    def _comparison(self, node: ast.Compare, depth: int) -> Expression:
        if len(node.ops) != 1:
            raise self._problem(node, "A chain of comparisons stands in if and while only.", "Compare two values.")
        return self._compared(node.left, node.ops[0], node.comparators[0], node, depth)

    def _compared(self, a: ast.expr, sign: ast.cmpop, b: ast.expr, node: ast.expr, depth: int) -> Expression:
        op = COMPARE.get(type(sign))
        if op is None:
            raise self._refuse(sign, at=node)
        left, right = self.expression(a, depth + 1), self.expression(b, depth + 1)
        place = self.place(node)
        return lambda machine: machine.tape.emit(op, (left(machine), right(machine)), place)

    def _stack(self, node: ast.List, depth: int) -> Expression:
        if not node.elts:
            raise self._problem(node, "A vector has at least one element.", "Write for example [1, 2, 3].")
        parts, place = [self.expression(part, depth + 1) for part in node.elts], self.place(node)
        return lambda machine: machine.tape.emit("stack", tuple([part(machine) for part in parts]), place)

    def _index(self, node: ast.Subscript, depth: int) -> Expression:
        value, place = self.expression(node.value, depth + 1), self.place(node)
        places = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        wholes = [self.whole(part) for part in places]

        def run(machine: Machine) -> int:
            return machine.tape.emit(
                "index", (value(machine),), place, {"index": tuple([whole(machine) for whole in wholes])}
            )

        return run

    def _choice(self, node: ast.IfExp, depth: int) -> Expression:
        test = self.condition(node.test, depth + 1)
        then, otherwise = self.expression(node.body, depth + 1), self.expression(node.orelse, depth + 1)
        return lambda machine: then(machine) if test(machine) else otherwise(machine)

    # Conditions and whole numbers ----------------------------------------------------------------------------

    def condition(self, node: ast.expr, depth: int = 0) -> Condition:
        """What stands after ``if`` and ``while``: a comparison, ``and``, ``or``, ``not``, or one number."""
        if depth > self._limits.nesting:
            raise self._too_deep(node)
        if isinstance(node, ast.BoolOp):
            parts = [self.condition(value, depth + 1) for value in node.values]
            every = all if isinstance(node.op, ast.And) else any
            return lambda machine: every(part(machine) for part in parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            part = self.condition(node.operand, depth + 1)
            return lambda machine: not part(machine)
        if isinstance(node, ast.Compare) and len(node.ops) > 1:
            lefts = [node.left, *node.comparators]
            links = [
                self._compared(a, sign, b, node, depth)
                for a, sign, b in zip(lefts, node.ops, node.comparators, strict=False)
            ]
            return lambda machine: all(machine.truth(link(machine), self.place(node)) for link in links)
        value, place = self.expression(node, depth + 1), self.place(node)
        return lambda machine: machine.truth(value(machine), place)

    def whole(self, node: ast.expr) -> Whole:
        """A loop bound, an index or an axis: counted outside the graph where it can be, else read off a node."""
        counted = self._counted(node)
        if counted is not None:
            return counted
        value, place = self.expression(node), self.place(node)
        return lambda machine: machine.whole(value(machine), place)

    def _counted(self, node: ast.expr) -> Whole | None:
        if isinstance(node, ast.Constant) and type(node.value) is int:
            number = node.value
            return lambda machine: number
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            part = self._counted(node.operand)
            return None if part is None else lambda machine: -part(machine)
        if isinstance(node, ast.Name):
            name, place = node.id, self.place(node)
            return lambda machine: machine.whole_of(name, place)
        if isinstance(node, ast.BinOp) and type(node.op) in WHOLE:
            left, right, combine = self._counted(node.left), self._counted(node.right), WHOLE[type(node.op)]
            if left is not None and right is not None:
                return lambda machine: combine(left(machine), right(machine))
        return None


def _example(name: str, counts: Collection[int]) -> str:
    arguments = ", ".join("abc"[: min(counts)])
    along = f" or {name}({arguments}, axis=0)" if counts and name in ("sum", "mean", "softmax", "max", "min") else ""
    return f"Write for example {name}({arguments}){along}."
