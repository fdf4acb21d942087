r"""The whole derivation of a gradient by the chain rule, from the output back to the inputs.

First what every operation computed, in order. Then, latest node first, its gradient: the sum over the operations
that use it of (gradient of the operation) x (local derivative), then the local derivatives written out, then the
numbers put in::

    c = a + b = 2 + 1 = 3
    ∂e/∂b = ∂e/∂c · ∂c/∂b + ∂e/∂d · ∂d/∂b
          = ∂e/∂c · 1 + ∂e/∂d · 1
          = 2 · 1 + 3 · 1 = 5

Where the backward pass did not start from a single 1, what is differentiated is a number L that stands for it:
the upstream gradient times the output, summed over all elements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from explorer.errors import RunError
from explorer.export.terms import Terms, added, equals, show
from explorer.ops import Tree
from explorer.ops.typeset import latex, mathml
from explorer.run import Run

MOST_LINES = 200
LONGEST = 70
"""Letters, digits and signs in a row of a derivation."""

Row = tuple[Tree, str, Tree]
"""What stands to the left, the sign, and what stands to the right."""


@dataclass(frozen=True, slots=True)
class Line:
    """``left = right``; ``left`` is empty where the line goes on from the one above. ``node`` is whom it is about."""

    node: str
    phase: Literal["forward", "backward"]
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Derivation:
    """Lines to read from top to bottom; ``cut`` says what was left out, or is empty."""

    output: str
    wrt: tuple[str, ...]
    lines: tuple[Line, ...]
    cut: str

    @property
    def latex(self) -> str:
        """An ``aligned`` environment."""
        return aligned(self.lines)

    @property
    def mathml(self) -> str:
        """A ``math`` element that holds a table with a row for each line."""
        rows = "".join(map(_row, rows_of(self.lines)))
        return (
            '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">'
            f'<mtable displaystyle="true">{rows}</mtable></math>'
        )


def aligned(lines: Iterable[Line], longest: int = LONGEST) -> str:
    """Lines as LaTeX, one below the other at their equals signs; ``longest`` as ``rows_of`` takes it."""
    rows = [rf"{latex(left)} &{sign} {latex(right)}" for left, sign, right in rows_of(lines, longest)]
    return "\\begin{aligned}\n" + " \\\\[6pt]\n".join(rows) + "\n\\end{aligned}"


def rows_of(lines: Iterable[Line], longest: int = LONGEST) -> Iterator[Row]:
    """The lines as they are set: one that is longer is broken at its equals signs, a longer side at its plus signs."""
    for line in lines:
        if _length(line.right) <= longest:
            yield line.left, "=", line.right
            continue
        left = line.left
        for side in split(line.right, "="):
            first, *more = split(side, "+") if _length(side) > longest else [side]
            yield left, "=", first
            yield from ((_NOTHING, "+", term) for term in more)
            left = _NOTHING


def _length(tree: Tree | str) -> int:
    """Signs beside each other; a fraction is as long as the longer of its parts."""
    if isinstance(tree, str):
        return len(tree)
    parts = [_length(child) for child in tree[1:]]
    return max(parts) if tree[0] == "mfrac" else sum(parts)


def split(tree: Tree, sign: str) -> list[Tree]:
    """The parts of a row between its signs; what is in brackets stays together."""
    if tree[0] != "mrow":
        return [tree]
    parts: list[Tree] = [["mrow"]]
    depth = 0
    for child in tree[1:]:
        depth += (child in _OPENING) - (child in _CLOSING)
        if child == ["mo", sign] and not depth:
            parts.append(["mrow"])
        else:
            parts[-1].append(child)
    return [part[1] if len(part) == 2 else part for part in parts]


_OPENING, _CLOSING = ([["mo", bracket] for bracket in brackets] for brackets in ("([{", ")]}"))
_NOTHING: Tree = ["mrow"]


def derive(run: Run, wrt: Iterable[str | int] | None = None, *, most_lines: int = MOST_LINES) -> Derivation:
    """The derivation of d output / d node for the given nodes; for all inputs and parameters when not given.

    At most ``most_lines`` lines, half of them at most for the values; what is left out is said in ``cut``. Raises
    RunError for a node that no gradient reaches.
    """
    chosen = _chosen(run, wrt)
    terms = Terms(run)
    computed = [index for index in _ancestors(run) if run.graph.inputs[index]]
    reached = _between(run, chosen)
    values, left = _fitting(((index, [value_line(terms, index)]) for index in computed), most_lines // 2)
    room = most_lines - len(values)
    gradients, stop = _fitting(((index, gradient_lines(terms, index)) for index in reached), room)
    cut = [_say("values", run, computed, left), _say("gradients", run, reached, stop)]
    names = tuple(run.graph.ids[index] for index in chosen)
    return Derivation(run.output, names, (*values, *gradients), " ".join(filter(None, cut)))


def _chosen(run: Run, wrt: Iterable[str | int] | None) -> list[int]:
    graph, grads = run.graph, run.grads
    if wrt is None:
        return [i for i in range(len(graph)) if not graph.inputs[i] and grads[i] is not None]
    chosen = [graph.find(key) for key in wrt]
    for index in chosen:
        if grads[index] is None:
            raise RunError(
                f"No gradient of {run.output!r} reaches {graph.ids[index]!r}. Choose a node that {run.output!r} "
                "depends on and whose gradient is wanted."
            )
    return chosen


def _ancestors(run: Run) -> list[int]:
    """The output and all that it is computed from, in execution order."""
    output = run.backward.output
    needed = [False] * output + [True]
    for index in range(output, -1, -1):
        if needed[index]:
            for source in run.graph.inputs[index]:
                needed[source] = True
    return [index for index, wanted in enumerate(needed) if wanted]


def _between(run: Run, chosen: list[int]) -> list[int]:
    """The nodes whose gradient the gradients of ``chosen`` are made of, the output first."""
    graph, wanted = run.graph, set(chosen)
    for index in range(run.backward.output + 1):
        starts = graph.edge_starts[index]
        if any(
            source in wanted and run.contributions[starts + port] is not None
            for port, source in enumerate(graph.inputs[index])
        ):
            wanted.add(index)
    return [index for index in sorted(wanted, reverse=True) if run.grads[index] is not None]


def _fitting(blocks: Iterable[tuple[int, list[Line]]], room: int) -> tuple[list[Line], int | None]:
    """As many whole blocks as there is room for, and the node of the first one left out."""
    lines: list[Line] = []
    for index, block in blocks:
        if len(lines) + len(block) > room:
            return lines, index
        lines += block
    return lines, None


def _say(what: str, run: Run, nodes: list[int], left: int | None) -> str:
    if left is None:
        return ""
    count = len(nodes) - nodes.index(left)
    return f"The {what} are cut before {run.graph.ids[left]}: {count:,} of {len(nodes):,} are left out."


def value_line(terms: Terms, index: int) -> Line:
    """``c = a + b = 2 + 1 = 3``."""
    number = terms.run.values[index]
    sides = [terms.formula(index), terms.formula_in_numbers(index), None if number is None else show(number)]
    right = equals(*(side for side in sides if side is not None))
    return Line(terms.run.graph.ids[index], "forward", terms.symbol(index), right)


def gradient_lines(terms: Terms, index: int) -> list[Line]:
    """The sum over all uses of a node: by the chain rule, written out, and in numbers."""
    grad = terms.run.grads[index]
    assert grad is not None
    name, left = terms.run.graph.ids[index], terms.gradient(index)
    if index == terms.run.backward.output:
        return [*_objective(terms, index), Line(name, "backward", left, show(grad))]
    rights = list(_sides(terms, index))
    lefts = (left, *(["mrow"],) * len(rights))
    return [Line(name, "backward", left, right) for left, right in zip(lefts, rights, strict=False)]


def _sides(terms: Terms, index: int) -> Iterator[Tree]:
    """The right-hand sides of a node's gradient: by the chain rule, written out, and in numbers."""
    uses = [use for use in terms.run.graph.consumers[index] if _contributes(terms.run, *use)]
    chain, written = (added([write(*use) for use in uses]) for write in (terms.chain, terms.written))
    formulas, products = (_sum(write, uses) for write in (terms.in_numbers, terms.multiplied))
    grad = terms.run.grads[index]
    assert grad is not None
    numbers = [side for side in (formulas, products, show(grad)) if side is not None]
    if chain != written:
        yield chain
    if len(uses) == 1:
        yield equals(written, *numbers)
        return
    yield written
    if formulas is not None and formulas != products:
        yield formulas
        numbers = numbers[1:]
    yield equals(*numbers)


def _sum(write: Callable[[int, int], Tree | None], uses: list[tuple[int, int]]) -> Tree | None:
    """The sum of all terms, where every one can be written so."""
    known = [term for use in uses if (term := write(*use)) is not None]
    return added(known) if len(known) == len(uses) else None


def _contributes(run: Run, target: int, port: int) -> bool:
    return run.contributions[run.graph.edge_starts[target] + port] is not None


def _objective(terms: Terms, output: int) -> Iterator[Line]:
    """What L stands for, where it is not the output itself."""
    if terms.direct:
        return
    seed, symbol = terms.run.backward.upstream, terms.symbol(output)
    if not isinstance(seed, Tensor):
        right: Tree = ["mrow", show(seed), ["mo", "·"], symbol]
    elif bool((seed == 1).all()):
        right = ["mrow", ["mo", "∑"], symbol]
    else:
        right = ["mrow", ["mo", "∑"], show(seed), ["mo", "⊙"], symbol]
    yield Line(terms.run.graph.ids[output], "backward", terms.top, right)


def _row(row: Row) -> str:
    left, sign, right = row
    return f"<mtr>{_cell('right', left)}{_cell('left', ['mrow', ['mo', sign], right])}</mtr>"


def _cell(side: str, tree: Tree) -> str:
    return f'<mtd style="text-align:{side};padding:0.3em 0.1em">{mathml(tree)}</mtd>'
