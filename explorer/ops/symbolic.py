"""sympy expressions as trees of MathML. The symbols x0, x1 ..., y and g become slots."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sympy
from sympy.core.relational import Relational

from explorer.ops.notation import applied, cases, digits, fenced, fraction, letter, row, slot, words
from explorer.ops.op import Tree

_NAMES = {"log": "ln", "NormalCdf": "Φ", "NormalPdf": "φ"}
_RELATIONS = {">": ">", ">=": "≥", "<": "<", "<=": "≤", "==": "=", "!=": "≠"}


class NormalCdf(sympy.Function):  # type: ignore[misc]
    """The standard normal distribution: the chance that a normal number lies below x."""

    def fdiff(self, argindex: int = 1) -> Any:
        return NormalPdf(self.args[0])


class NormalPdf(sympy.Function):  # type: ignore[misc]
    """The standard normal density."""


def tree(expression: Any) -> Tree:
    """The expression as a textbook would set it. Raises KeyError for a kind that no operation needs."""
    if isinstance(expression, Relational):
        return row(tree(expression.lhs), _RELATIONS[expression.rel_op], tree(expression.rhs))
    if isinstance(expression, sympy.Function) and type(expression).__name__ not in _WRITERS:
        return _function(expression)
    return _WRITERS[type(expression).__name__](expression)


def _joined(terms: Iterable[Tree], sign: str) -> Tree:
    first, *others = terms
    return row(first, *(part for term in others for part in (sign, term)))


def _flat(term: Tree) -> list[Tree]:
    """The parts of a row, so that a negative number put in first sees the sign before it."""
    return term[1:] if term[0] == "mrow" else [term]


def _number(expression: Any) -> Tree:
    if expression < 0:
        return row("−", tree(-expression))
    above, below = digits(expression.p), digits(expression.q)
    return above if expression.q == 1 else fraction(above, below)


def _sum(expression: Any) -> Tree:
    """The terms in sympy's order, a positive number first: 1 + y²."""
    terms = sorted(expression.as_ordered_terms(), key=lambda term: not (term.is_Number and term > 0))
    signs = ["−" if term.as_coeff_Mul()[0] < 0 else "+" for term in terms]
    out: list[Tree | str] = []
    for sign, term in zip(signs, terms, strict=True):
        out += [sign, *_flat(tree(-term if sign == "−" else term))]
    return row(*out[signs[0] == "+" :])


def _product(expression: Any) -> Tree:
    if expression.as_coeff_Mul()[0] < 0:
        return row("−", *_flat(tree(-expression)))
    above, below = sympy.fraction(expression, exact=True)
    if below != 1:
        return fraction(tree(above), tree(below))
    return _joined((_factor(part) for part in sorted(expression.as_ordered_factors(), key=_rank)), "·")


def _rank(factor: Any) -> int:
    """Numbers, the upstream gradient, symbols, powers, functions, sums."""
    kinds = (factor.is_Number, factor.name == "g" if factor.is_Symbol else False, factor.is_Symbol, factor.is_Pow)
    return kinds.index(True) if True in kinds else 5 if factor.is_Add else 4


def _factor(expression: Any) -> Tree:
    return fenced(tree(expression)) if expression.is_Add else tree(expression)


def _power(expression: Any) -> Tree:
    base, exponent = expression.args
    if exponent == sympy.Rational(1, 2):
        return ["msqrt", tree(base)]
    if exponent.is_Number and exponent < 0:
        return fraction(digits(1), tree(base**-exponent))
    return ["msup", tree(base) if base.is_Atom else fenced(tree(base)), tree(exponent)]


def _function(expression: Any) -> Tree:
    name = type(expression).__name__
    return applied(_NAMES.get(name, name), tree(expression.args[0]))


def _extreme(expression: Any) -> Tree:
    """max and min; a number comes first, then the symbols in order."""
    terms = sorted(expression.args, key=lambda term: (not term.is_Number, str(term)))
    return applied(type(expression).__name__.lower(), _joined(map(tree, terms), ","))


def _piecewise(expression: Any) -> Tree:
    return cases(*((tree(value), _condition(where)) for value, where in expression.args))


def _condition(where: Any) -> Tree:
    return words("otherwise") if where == sympy.true else row(words("if\u00a0"), tree(where))


def _between(expression: Any) -> Tree:
    """lo ≤ x ≤ hi, which sympy holds as x ≤ hi and x ≥ lo."""
    upper, lower = sorted(expression.args, key=lambda relation: str(relation.rel_op))
    return row(tree(lower.rhs), "≤", tree(lower.lhs), _RELATIONS[upper.rel_op], tree(upper.rhs))


_WRITERS: dict[str, Callable[[Any], Tree]] = {
    "Symbol": lambda expression: slot(expression.name),
    "Add": _sum,
    "Mul": _product,
    "Pow": _power,
    "exp": lambda expression: ["msup", letter("e"), tree(expression.args[0])],
    "Abs": lambda expression: fenced(tree(expression.args[0]), "|", "|"),
    "Max": _extreme,
    "Min": _extreme,
    "Piecewise": _piecewise,
    "And": _between,
    "Not": lambda expression: row(words("not\u00a0"), tree(expression.args[0])),
    **dict.fromkeys(("Zero", "One", "NegativeOne", "Half", "Integer", "Rational"), _number),
}
