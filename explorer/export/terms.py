"""The parts that a derivation is put together from: symbols, partial derivatives, and the terms of a sum."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from torch import Tensor

from explorer.ops import Op, Tree
from explorer.ops.explain import Explanation, explain
from explorer.ops.typeset import Filling, fill, name, value
from explorer.run import Number, Run, local_derivative

MOST_TERMS = 12
"""A sum of more terms than this, or a tensor of more elements, is not written out."""


def partial(of: Tree, by: Tree) -> Tree:
    """``∂of/∂by``."""
    return ["mfrac", ["mrow", ["mo", "∂"], of], ["mrow", ["mo", "∂"], by]]


def equals(*sides: Tree) -> Tree:
    """The sides with equals signs between them; one that says the same as the one before is left out."""
    row: Tree = ["mrow"]
    for place, side in enumerate(sides):
        if place and side == sides[place - 1]:
            continue
        row += [["mo", "="], side] if len(row) > 1 else [side]
    return row


def added(terms: Sequence[Tree]) -> Tree:
    """The sum of the terms; of many only the first are written."""
    row: Tree = ["mrow"]
    for term in terms[:MOST_TERMS]:
        row += [["mo", "+"], _behind_sign(term)] if len(row) > 1 else [term]
    if len(terms) > MOST_TERMS:
        row += [["mo", "+"], ["mtext", f"{len(terms) - MOST_TERMS} more terms"]]
    return row if len(row) > 2 else term


def _behind_sign(term: Tree) -> Tree:
    """A term that begins with a minus sign gets parentheses."""
    first = term
    while first[0] == "mrow" and len(first) > 1:
        first = first[1]
    return ["mrow", ["mo", "("], term, ["mo", ")"]] if first == ["mo", "−"] else term


def show(number: Number) -> Tree:
    """A number, a small tensor written out, or the shape and the norm of a larger one."""
    if not isinstance(number, Tensor):
        return value(number)
    if number.numel() <= MOST_TERMS:
        return _listed(number.tolist())
    shape = ", ".join(map(str, number.shape))
    norm = value(float(number.double().norm()))
    return ["mrow", ["mtext", f"[{shape}] of norm "], norm]


def _listed(numbers: object) -> Tree:
    if not isinstance(numbers, list):
        assert isinstance(numbers, float | int)
        return value(numbers)
    row: Tree = ["mrow", ["mo", "["]]
    for place, number in enumerate(numbers):
        row += [["mo", ","], _listed(number)] if place else [_listed(number)]
    return [*row, ["mo", "]"]]


def _upright(tree: Tree) -> Tree:
    """A name as plain words, so that an operation called sin is not taken for the function."""
    return ["mtext", tree[1]] if tree[0] == "mi" else [tree[0], *map(_upright, tree[1:])] if tree[0] == "msub" else tree


_OVER_COPIES: Tree = ["mrow", ["munder", ["mo", "∑"], ["mtext", "copies"]], ["slot", "t"]]
"""An input that was repeated gets the sum over its copies."""


class Terms:
    """Writes the symbols of one run, and what each edge adds to a gradient."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @property
    def direct(self) -> bool:
        """Whether the output itself is differentiated: the backward pass started from a single 1."""
        return not self.run.objective

    @cached_property
    def top(self) -> Tree:
        """What is differentiated: the output, or the number L that stands for it."""
        return self.symbol(self.run.backward.output) if self.direct else name(self.run.objective)

    def symbol(self, index: int) -> Tree:
        """A node's id: in italics for a variable, upright otherwise; a constant without one by its value. Ids of a
        model's nodes are paths and names of functions, and stand as they are.
        """
        number = self.run.values[index]
        nameless = self.run.graph.ops[index] == "constant" and not self.run.graph.symbol(index)
        if nameless and number is not None and (not isinstance(number, Tensor) or number.numel() <= MOST_TERMS):
            return show(number)
        if self.run.graph.modules:
            return ["mtext", self.run.graph.ids[index]]
        symbol = name(self.run.graph.ids[index])
        return symbol if self.run.graph.symbol(index) else _upright(symbol)

    def gradient(self, index: int) -> Tree:
        """``∂top/∂node``."""
        return partial(self.top, self.symbol(index))

    def formula(self, index: int) -> Tree:
        """What a node computes, in names."""
        if len(self.run.graph.inputs[index]) > MOST_TERMS:
            return ["mtext", f"{self.run.graph.ops[index]} of {len(self.run.graph.inputs[index])} inputs"]
        return fill(self._op(index).formula, self._names(index))

    def formula_in_numbers(self, index: int) -> Tree | None:
        """The same with the numbers put in, where all of them are single numbers."""
        numbers = self._numbers(index)
        return None if numbers is None else fill(self._op(index).formula, numbers)

    def local(self, target: int, port: int) -> list[Tree]:
        """``∂c/∂b`` between single numbers: its symbol, written out, and with the numbers put in; else nothing."""
        numbers = self._numbers(target)
        if numbers is None or not self.is_plain(target, port):
            return []
        written = self._op(target).locals[self._entry(target, port)]
        names = fill(written, self._names(target))
        return [self._local_symbol(target, port), names, fill(written, numbers)]

    def chain(self, target: int, port: int) -> Tree:
        """``∂e/∂c · ∂c/∂b``; where c is the output itself, its local derivative."""
        if not self.is_plain(target, port) or self.ends(target):
            return self.written(target, port)
        return _product(self.gradient(target), self._local_symbol(target, port))

    def written(self, target: int, port: int) -> Tree:
        """The same with the local derivative written out; for tensors the product that backpropagation takes."""
        op, place = self._op(target), self._entry(target, port)
        if self.is_plain(target, port):
            local = fill(op.locals[place], self._names(target))
            return local if self.ends(target) else _product(self.gradient(target), local)
        upstream: Tree = ["mn", "1"] if self.ends(target) else self.gradient(target)
        source = self.symbol(self.run.graph.inputs[target][port])
        product = fill(op.vjp[place], {**self._names(target), "g": upstream, "x": source})
        return fill(_OVER_COPIES, {"t": product}) if self._is_repeated(target, port) else product

    def in_numbers(self, target: int, port: int) -> Tree | None:
        """The term with its numbers put in, where all of them are single numbers."""
        numbers, upstream = self._numbers(target), self.run.grads[target]
        if numbers is None or upstream is None or not self.is_plain(target, port):
            return None
        local = fill(self._op(target).locals[self._entry(target, port)], numbers)
        return local if self.ends(target) else _product(show(upstream), local)

    def multiplied(self, target: int, port: int) -> Tree | None:
        """The term as a product of two numbers: upstream and local derivative."""
        upstream = self.run.grads[target]
        if upstream is None or isinstance(upstream, Tensor):
            return None
        local = local_derivative(self.run.graph, self.run.values, target, port)
        if local is None or isinstance(local, Tensor):
            return None
        return show(local) if self.ends(target) else _product(show(upstream), show(local))

    def is_plain(self, target: int, port: int) -> bool:
        """Whether the term is a product of two single numbers."""
        op = self._op(target)
        return self._numbers(target) is not None and isinstance(op, Op) and op.scalar is not None

    def ends(self, target: int) -> bool:
        """Whether the chain ends at ``target``: it is what is differentiated."""
        return self.direct and target == self.run.backward.output

    def _is_repeated(self, target: int, port: int) -> bool:
        """Whether the operation works entry by entry and repeats this input to fit the shape of another one."""
        graph, op = self.run.graph, self._op(target)
        shapes = [graph.shapes[source] for source in graph.inputs[target]]
        return (op.elementwise or op.name == "mse") and shapes[port] != np.broadcast_shapes(*shapes)

    def _entry(self, target: int, port: int) -> int:
        """Where the table has what is said of a port; one entry of a variadic operation serves all."""
        return 0 if self._op(target).variadic else port

    def _op(self, index: int) -> Op | Explanation:
        return explain(self.run.graph, index)

    def _local_symbol(self, target: int, port: int) -> Tree:
        """``∂c/∂b``, with the slot's number where b enters c more than once."""
        ports = self.run.graph.inputs[target]
        symbol = partial(self.symbol(target), self.symbol(ports[port]))
        if ports.count(ports[port]) == 1:
            return symbol
        return ["msub", ["mrow", ["mo", "("], symbol, ["mo", ")"]], ["mn", str(port + 1)]]

    def _names(self, index: int) -> dict[str, Filling]:
        ports = enumerate(self.run.graph.inputs[index])
        return {**{f"x{port}": self.symbol(source) for port, source in ports}, "y": self.symbol(index)}

    def _numbers(self, index: int) -> dict[str, Filling] | None:
        ports = (*self.run.graph.inputs[index], index)
        keys = (*(f"x{port}" for port in range(len(ports) - 1)), "y")
        numbers = {key: self.run.values[node] for key, node in zip(keys, ports, strict=True)}
        plain: dict[str, Filling] = {key: number for key, number in numbers.items() if isinstance(number, float | int)}
        return plain if len(plain) == len(numbers) else None


def _product(first: Tree, second: Tree) -> Tree:
    return fill(["mrow", ["slot", "u"], ["mo", "·"], ["slot", "v"]], {"u": first, "v": second})
