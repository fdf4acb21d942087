"""Local derivatives of pointwise operations, derived by sympy from one expression each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from explorer.ops.op import Tree, Written

Expression = Any
"""A sympy expression in the symbols x0, x1 ..., y (the result) and g (the upstream gradient)."""

NO_DERIVATIVE: Tree = ["mtext", "no derivative"]
NO_GRADIENT: Tree = ["mtext", "no gradient"]


@dataclass(frozen=True)
class Derivation:
    """An operation given as ``expression(sympy, x0, x1, ...)``; calling it derives what is written of it.

    ``formula`` gives another way to write the same, where the one that sympy can differentiate is longer.
    sympy is imported when first needed: it takes half a second.
    """

    expression: Callable[..., Expression]
    differentiable: tuple[bool, ...]
    formula: Callable[..., Expression] | None = None

    def __call__(self) -> Written:
        from explorer.ops.symbolic import tree

        locals_ = [self._at(port, lambda local: tree(local), NO_DERIVATIVE) for port in self._ports]
        vjps = [self._at(port, lambda local: tree(_scaled(local)), NO_GRADIENT) for port in self._ports]
        return Written(tree(self._build(self.formula or self.expression)), tuple(locals_), tuple(vjps))

    def local(self, port: int) -> Expression:
        """d y / d x_port as textbooks have it: in terms of the result where that alone says it."""
        import sympy

        value, x = self._build(self.expression), _symbol(f"x{port}")
        if value.is_Piecewise:
            return _piecewise(value, x)
        derivative = sympy.powsimp(sympy.diff(value, x))
        return _through_result(value, derivative, x) if len(self._ports) == 1 else derivative

    @property
    def _ports(self) -> range:
        return range(len(self.differentiable))

    def _build(self, expression: Callable[..., Expression]) -> Expression:
        import sympy

        return expression(sympy, *(_symbol(f"x{port}") for port in self._ports))

    def _at(self, port: int, write: Callable[[Expression], Tree], otherwise: Tree) -> Tree:
        return write(self.local(port)) if self.differentiable[port] else otherwise


def normal(x: Expression) -> Expression:
    """Φ(x), the standard normal distribution."""
    from explorer.ops.symbolic import NormalCdf

    return NormalCdf(x)


def _symbol(name: str) -> Expression:
    import sympy

    return sympy.Symbol(name, real=True)


def _scaled(local: Expression) -> Expression:
    import sympy

    return sympy.piecewise_fold(_symbol("g") * local)


def _piecewise(value: Expression, x: Expression) -> Expression:
    """The derivative of each piece where it is not 0, and 0 elsewhere. The conditions exclude one another."""
    import sympy

    pieces = [(sympy.diff(piece, x), where) for piece, where in value.args]
    return sympy.Piecewise(*((slope, where) for slope, where in pieces if slope != 0), (0, True))


def _through_result(value: Expression, derivative: Expression, x: Expression) -> Expression:
    """The derivative as a rational function of the result y, where it is one: tanh' = 1 − y²."""
    y = _symbol("y")
    for candidate in _candidates(value, derivative, y):
        if x not in candidate.free_symbols and y in candidate.free_symbols and candidate.is_rational_function(y):
            return _positive(candidate)
    return derivative


def _candidates(value: Expression, derivative: Expression, y: Expression) -> Any:
    """The derivative with y put in for the value, then with y = value solved for each exponential in it."""
    import sympy

    yield derivative.subs(value, y)
    for part in derivative.atoms(sympy.exp):
        for solution in sympy.solve(value - y, part):
            yield sympy.factor(derivative.subs(part, solution))


def _positive(product: Expression) -> Expression:
    """−y (y − 1) as y (1 − y)."""
    import sympy

    sign, rest = product.as_coeff_Mul()
    for factor in sympy.Mul.make_args(rest):
        if sign == -1 and factor.is_Add:
            return sympy.Mul(rest / factor, -factor, evaluate=False)
    return product
