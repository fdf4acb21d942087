"""From Python's syntax tree to closures that write the tape. Only what is listed here exists.

``Compiler`` walks the tree once and refuses everything that the language does not have; the closures it returns
run as often as loops ask. An expression's closure takes the machine and returns the index of its node; a
condition's returns True or False; a whole number's (a loop bound, an index) returns an int.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from torch import Tensor

from explorer.capture.limits import Limits
from explorer.capture.machine import Machine
from explorer.capture.text import Readable
from explorer.capture.values import Place, tensor_of
from explorer.errors import NameProblem, ProgramError, SyntaxProblem
from explorer.ops import OPS

Expression = Callable[[Machine], int]
Condition = Callable[[Machine], bool]
Whole = Callable[[Machine], int]
Statement = Callable[[Machine], None]

BINARY = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.MatMult: "matmul",
}  # fmt: skip
COMPARE = {ast.Gt: "gt", ast.GtE: "ge", ast.Lt: "lt", ast.LtE: "le", ast.Eq: "eq", ast.NotEq: "ne"}
WHOLE = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}
CONSTANTS = {"pi": math.pi}

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

_INSTEAD: dict[type[ast.AST], str] = {
    ast.Attribute: "There is no dot access; write sum(x) instead of x.sum(), 0.5 instead of .5 after a name.",
    ast.FunctionDef: "Functions cannot be defined; write the lines where they are needed.",
    ast.Import: "Nothing can be imported; all functions are already there.",
    ast.ImportFrom: "Nothing can be imported; all functions are already there.",
    ast.Lambda: "Functions cannot be defined; write the lines where they are needed.",
    ast.ListComp: "Write the elements out, or use a loop.",
    ast.FloorDiv: "Use / for division.",
    ast.BitXor: "Use ^ or ** for powers.",
    ast.Slice: "Take one place at a time, for example v[0] or M[i, j].",
    ast.JoinedStr: "The language has numbers only.",
    ast.Starred: "Write the elements out.",
}


class Compiler:
    """Compiles statements of one program. Raises SyntaxProblem or NameProblem for what is not of the language."""

    def __init__(self, text: Readable, limits: Limits) -> None:
        self._text, self._limits = text, limits

    def place(self, node: ast.AST) -> Place:
        """Where ``node`` stands in the text as typed."""
        return self._text.place(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))

    def block(self, body: list[ast.stmt], depth: int = 0) -> Statement:
        """A list of statements, run in order."""
        if depth > self._limits.nesting:
            raise self._too_deep(body[0])
        parts = [self._statement(statement, depth) for statement in body]

        def run(machine: Machine) -> None:
            for part in parts:
                part(machine)

        return run if len(parts) != 1 else parts[0]

    def _statement(self, node: ast.stmt, depth: int) -> Statement:
        if isinstance(node, ast.Assign):
            return self._assign(node, depth)
        if isinstance(node, ast.AugAssign):
            return self._augmented(node)
        if isinstance(node, ast.Expr):
            value, place = self.expression(node.value), self.place(node)
            return lambda machine: machine.show(value(machine), place)
        if isinstance(node, ast.If):
            return self._branch(node, depth)
        if isinstance(node, ast.For):
            return self._for(node, depth)
        if isinstance(node, ast.While):
            return self._while(node, depth)
        if isinstance(node, ast.Pass):
            return lambda machine: None
        raise self._refuse(node)

    def _assign(self, node: ast.Assign, depth: int) -> Statement:
        if len(node.targets) != 1:
            raise self._problem(node, "One name is assigned at a time.", "Write a = 1 and b = 1 on two lines.")
        name, place = self._target(node.targets[0]), self.place(node)
        literal = self.literal(node.value)
        if literal is not None and depth == 0:
            return lambda machine: machine.declare(name, literal, place)
        value = self.expression(node.value)
        return lambda machine: machine.assign(name, value(machine), place)

    def _augmented(self, node: ast.AugAssign) -> Statement:
        name, place = self._target(node.target), self.place(node)
        read = ast.copy_location(ast.Name(name, ast.Load()), node.target)
        value = self.expression(ast.copy_location(ast.BinOp(read, node.op, node.value), node))
        return lambda machine: machine.assign(name, value(machine), place)

    def _branch(self, node: ast.If, depth: int) -> Statement:
        test, then = self.condition(node.test), self.block(node.body, depth + 1)
        otherwise = self.block(node.orelse, depth + 1) if node.orelse else None

        def run(machine: Machine) -> None:
            if test(machine):
                then(machine)
            elif otherwise is not None:
                otherwise(machine)

        return run

    def _for(self, node: ast.For, depth: int) -> Statement:
        counter, place = self._target(node.target), self.place(node)
        call = node.iter
        if node.orelse or not (
            isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "range"
            and 1 <= len(call.args) <= 3 and not call.keywords
        ):  # fmt: skip
            raise self._problem(node, "A for loop counts over a range.", "Write for i in range(3):")
        bounds = [self.whole(argument) for argument in call.args]
        body = self.block(node.body, depth + 1)
        return lambda machine: machine.count(counter, [bound(machine) for bound in bounds], body, place)

    def _while(self, node: ast.While, depth: int) -> Statement:
        if node.orelse:
            raise self._problem(node, "while has no else here.", "Put those lines after the loop.")
        test, body, place = self.condition(node.test), self.block(node.body, depth + 1), self.place(node)
        return lambda machine: machine.repeat(test, body, place)

    def _target(self, node: ast.expr) -> str:
        if not isinstance(node, ast.Name):
            raise self._problem(node, "Only a name can be assigned.", "Write for example y = a + b.")
        if node.id in FUNCTIONS or node.id in CONSTANTS or node.id == "range":
            raise self._problem(node, f"{node.id!r} is a name of the language.", "Choose another name.")
        return node.id

    # Expressions ---------------------------------------------------------------------------------------------

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
            hint = f"Did you mean {near[0]}?" if near else f"The functions are {', '.join(sorted(FUNCTIONS))}."
            raise NameProblem(f"There is no function {name!r}.", **self._at(node), hint=hint)
        op = by_count.get(len(node.args))
        if op is None:
            counts = " or ".join(str(count) for count in by_count)
            raise self._problem(
                node, f"{name} takes {counts} argument(s), not {len(node.args)}.", "Separate them by commas."
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

    # Literals and refusals -----------------------------------------------------------------------------------

    def literal(self, node: ast.expr) -> float | Tensor | None:
        """The number, vector or matrix that is written out in ``node``, else ``None``."""
        rows = self._numbers(node)
        if rows is None or isinstance(rows, float):
            return rows
        return tensor_of(rows, "The matrix", self._limits, self.place(node))

    def _numbers(self, node: ast.expr, depth: int = 0) -> Any:
        if isinstance(node, ast.Constant):
            return self._number(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            return -self._number(node.operand)
        if not isinstance(node, ast.List) or not node.elts or depth > self._limits.nesting:
            return None
        rows = [self._numbers(part, depth + 1) for part in node.elts]
        return None if any(row is None for row in rows) else rows

    def _number(self, node: ast.Constant) -> float:
        if type(node.value) not in (int, float):
            raise self._problem(node, f"{str(node.value)[:20]!r} is not a number.", "The language has numbers only.")
        try:
            return float(node.value)  # type: ignore[arg-type]
        except OverflowError:
            raise self._problem(node, "The number is too large for 64 bits.", "At most about 1.8e308.") from None

    def _check_dunder(self, node: ast.AST, name: str) -> None:
        if name.startswith("__"):
            raise NameProblem(
                f"{name!r} is not of the language.",
                **self._at(node),
                hint="Names do not begin with two underscores.",
            )

    def _too_deep(self, node: ast.AST) -> ProgramError:
        return self._problem(
            node,
            f"This is nested more than {self._limits.nesting} levels deep.",
            "Give parts of it names of their own.",
        )

    def _refuse(self, node: ast.AST, at: ast.AST | None = None) -> SyntaxProblem:
        what = _words(type(node).__name__)
        hint = _INSTEAD.get(type(node), "See the list of what can be written under Help.")
        return self._problem(at or node, f"The language has no {what}.", hint)

    def _problem(self, node: ast.AST, message: str, hint: str) -> SyntaxProblem:
        return SyntaxProblem(message, **self._at(node), hint=hint)

    def _at(self, node: ast.AST) -> dict[str, int]:
        line, column = self.place(node)
        return {"line": line, "column": column}


def _words(name: str) -> str:
    """``FunctionDef`` as words: "function def"."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
