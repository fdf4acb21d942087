"""A path of the chain rule, typeset: its local derivatives as symbols, as numbers, and their product."""

from __future__ import annotations

from torch import Tensor

from explorer.export.terms import Terms, equals, partial, show
from explorer.ops import Tree
from explorer.ops.latex import latex
from explorer.passes.paths import Path
from explorer.run import Number, Run

MOST_FACTORS = 8
"""Of a longer path the first and the last factors are written."""


def path_latex(run: Run, path: Path) -> str:
    """``∂e/∂c · ∂c/∂b = 2 · 1 = 2``, from the output back; tensors by symbols alone."""
    terms, graph = Terms(run), run.graph
    symbols: list[Tree] = []
    numbers: list[Number | None] = []
    if run.objective:
        symbols.append(partial(terms.top, terms.symbol(run.backward.output)))
        numbers.append(run.backward.upstream)
    for edge, local in zip(reversed(path.edges), reversed(path.locals), strict=True):
        target, source = graph.index[edge.target], graph.index[edge.source]
        symbols.append(_numbered(partial(terms.symbol(target), terms.symbol(source)), graph.inputs[target], edge.port))
        numbers.append(local)
    sides = [_product(symbols)]
    if all(number is not None and not isinstance(number, Tensor) for number in numbers):
        first, *others = [show(number) for number in numbers if number is not None] or [["mn", "1"]]
        sides.append(_product([first, *map(_bracketed, others)]))
    return latex(equals(*sides, show(path.product)))


def path_text(run: Run, path: Path) -> str:
    """``b → c → e``; the middle of a long path is left out."""
    if not path.edges:
        return run.output
    ids = [path.edges[0].source, *(edge.target for edge in path.edges)]
    return " → ".join(ids if len(ids) <= MOST_FACTORS + 1 else [*ids[:3], f"{len(ids) - 6} more", *ids[-3:]])


def _numbered(symbol: Tree, ports: tuple[int, ...], port: int) -> Tree:
    """With the number of the port where one value enters several."""
    if ports.count(ports[port]) == 1:
        return symbol
    return ["msub", ["mrow", ["mo", "("], symbol, ["mo", ")"]], ["mn", str(port + 1)]]


def _product(factors: list[Tree]) -> Tree:
    if len(factors) < 2:
        return factors[0] if factors else ["mn", "1"]
    if len(factors) > MOST_FACTORS:
        half = MOST_FACTORS // 2
        factors = [*factors[:half], ["mo", "…"], *factors[-half:]]
    row: Tree = ["mrow", factors[0]]
    for factor in factors[1:]:
        row += [["mo", "·"], factor]
    return row


def _bracketed(number: Tree) -> Tree:
    """A negative number in brackets."""
    first = number
    while first[0] == "mrow" and len(first) > 1:
        first = first[1]
    is_negative = first == ["mo", "−"] or (first[0] == "mn" and str(first[1]).startswith(("−", "-")))
    return ["mrow", ["mo", "("], number, ["mo", ")"]] if is_negative else number
