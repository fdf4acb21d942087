"""sympy expressions as trees of MathML. The symbols x0, x1 ..., y and g become slots."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sympy
from sympy.core.relational import Relational

from explorer.ops.op import Tree

_NAMES = {"log": "ln"}
_RELATIONS = {">": ">", ">=": "≥", "<": "<", "<=": "≤", "==": "=", "!=": "≠"}


def tree(expression: Any) -> Tree:
    """The expression as a textbook would set it. Raises KeyError for a kind that no operation needs."""
    if isinstance(expression, Relational):
        return row(tree(expression.lhs), _sign(_RELATIONS[expression.rel_op]), tree(expression.rhs))
    if isinstance(expression, sympy.Function) and type(expression).__name__ not in _WRITERS:
        return _function(expression)
    return _WRITERS[type(expression).__name__](expression)


def row(*children: Tree) -> Tree:
    """Terms side by side."""
    return ["mrow", *children]


def fenced(inner: Tree, left: str = "(", right: str = ")") -> Tree:
    """A term in parentheses or bars."""
    return row(_sign(left), inner, _sign(right))


def applied(function: str, inner: Tree) -> Tree:
    """A function of a term: sin(x)."""
    return row(["mi", function], _sign("\u2061"), fenced(inner))


def cases(*pieces: tuple[Tree, Tree]) -> Tree:
    """A value per line, with where it holds."""
    return row(_sign("{"), ["mtable", *(["mtr", ["mtd", value], ["mtd", where]] for value, where in pieces)])


def _sign(text: str) -> Tree:
    return ["mo", text]


def _joined(terms: Iterable[Tree], sign: str) -> Tree:
    out = row()
    for term in terms:
        out += [_sign(sign), term] if len(out) > 1 else [term]
    return out


def _number(expression: Any) -> Tree:
    if expression < 0:
        return row(_sign("−"), tree(-expression))
    return (
        ["mn", str(expression)]
        if expression.q == 1
        else ["mfrac", *map(tree, map(sympy.Integer, expression.as_numer_denom()))]
    )


def _sum(expression: Any) -> Tree:
    out = row()
    for term in expression.as_ordered_terms():
        negative = term.as_coeff_Mul()[0] < 0
        if len(out) > 1 or negative:
            out.append(_sign("−" if negative else "+"))
        out.append(tree(-term if negative else term))
    return out


def _product(expression: Any) -> Tree:
    if expression.as_coeff_Mul()[0] < 0:
        return row(_sign("−"), tree(-expression))
    above, below = sympy.fraction(expression, exact=True)
    if below != 1:
        return ["mfrac", tree(above), tree(below)]
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
        return ["mfrac", ["mn", "1"], tree(base**-exponent)]
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
    return ["mtext", "otherwise"] if where == sympy.true else row(["mtext", "if "], tree(where))


def _both(expression: Any) -> Tree:
    first, *others = sorted(expression.args, key=str)
    return row(tree(first), *(part for other in others for part in (["mtext", " and "], tree(other))))


_WRITERS: dict[str, Callable[[Any], Tree]] = {
    "Symbol": lambda expression: ["slot", expression.name],
    "Add": _sum,
    "Mul": _product,
    "Pow": _power,
    "exp": lambda expression: ["msup", ["mi", "e"], tree(expression.args[0])],
    "Abs": lambda expression: fenced(tree(expression.args[0]), "|", "|"),
    "Max": _extreme,
    "Min": _extreme,
    "Pi": lambda expression: ["mi", "π"],
    "Piecewise": _piecewise,
    "And": _both,
    "Not": lambda expression: row(["mtext", "not "], tree(expression.args[0])),
    **dict.fromkeys(("Zero", "One", "NegativeOne", "Half", "Integer", "Rational"), _number),
}
