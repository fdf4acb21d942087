"""Statements: assignments, branches and loops, compiled to closures that run as often as loops ask."""

from __future__ import annotations

import ast
from collections.abc import Callable

from explorer.capture.grammar import CONSTANTS, FUNCTIONS, Expressions
from explorer.capture.machine import Machine

Statement = Callable[[Machine], None]


class Compiler(Expressions):
    """Compiles the statements of one program. Raises SyntaxProblem or NameProblem for what the language has not."""

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
