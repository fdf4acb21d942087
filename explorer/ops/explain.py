"""What is written about the operation of any node: one of the language, one of torch's, or one that nobody knows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from explorer.graph import Graph
from explorer.ops import OPS, Op, Tree, Written, signature
from explorer.ops.names import value
from explorer.ops.networks import TEXTS, Text
from explorer.ops.notation import G, Y, applied, fraction, row, slot, slots, words
from explorer.ops.typeset import fill

GROUP = "group"
"""The operation of a node that stands for several, with their ``title`` and the number of ``operations``."""

UNWRITTEN = "There is no written explanation of this operation yet."

_NO_ATTRS: Mapping[str, Any] = MappingProxyType({})
_MOST_LISTED = 8
_LETTERS = 4
"""Of an operation's name on its tile."""
_ENDLESS = 2**63 - 1
"""torch's way to say "to the end"."""
_IN_THE_LANGUAGE = {"pow": "power", "safe_softmax": "softmax"}
"""Names under which the op table has operations of torch that are called otherwise when recorded."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """As much of an ``Op`` as it takes to draw and explain a node, made for one way to call the operation.

    The trees have the slots of those of an ``Op``, with an entry per port; what was a number in the call is in them.
    """

    name: str
    label: str
    symbol: str
    ports: tuple[str, ...]
    formula: Tree
    locals: tuple[Tree, ...]
    vjp: tuple[Tree, ...]
    forward_sentence: str
    backward_sentence: str
    elementwise: bool = False
    variadic: bool = False


def explain(graph: Graph, index: int) -> Op | Explanation:
    """What is written about the operation of a node; where nothing is, its name, and a sentence that says so."""
    return explanation(graph.ops[index], len(graph.inputs[index]), graph.attrs.get(index, _NO_ATTRS))


def explanation(op: str, count: int, attrs: Mapping[str, Any] = _NO_ATTRS) -> Op | Explanation:
    """``explain`` for an operation with ``count`` inputs and the attributes of its node."""
    if op in OPS and not attrs:
        return OPS[op]
    if op == GROUP:
        return _of_group(str(attrs["title"]), int(attrs["operations"]), count)
    numbers = tuple((name, _fixed(number)) for name, number in signature.numbers(attrs).items())
    return _explanation(op, count, "target" in attrs, signature.ports(attrs, count), numbers)


def is_written(found: Op | Explanation) -> bool:
    """Whether there is more to it than a name."""
    return found.forward_sentence != UNWRITTEN


@lru_cache(maxsize=8192)
def _explanation(
    op: str, count: int, is_torchs: bool, ports: tuple[str, ...], numbers: tuple[tuple[str, Hashable], ...]
) -> Op | Explanation:
    known = dict(numbers)
    if not is_torchs and op in OPS:
        return _of_op(OPS[op], known)
    for text in TEXTS.get(op, ()):
        names = ports if is_torchs else tuple(text.ports)
        if len(names) == count and text.fits(tuple(dict.fromkeys(names)), known):
            return _of_text(text, names, tuple((name, number) for name, number in numbers if name in text.arguments))
    same = OPS.get(_IN_THE_LANGUAGE.get(op, op))
    if same is not None and len(same.ports) == count:
        return _of_op(same, known)
    return _of_nothing(op, ports, count)


def _of_op(op: Op, numbers: Mapping[str, Hashable]) -> Op:
    """The entry of the op table; where its formula speaks of an argument, such as an index, with that put in."""
    if not numbers or slots(op.formula).isdisjoint(numbers):
        return op
    return replace(op, write=lambda: Written(_put(op.formula, _shown(numbers)), op.locals, op.vjp))


@lru_cache(maxsize=8192)
def _of_text(text: Text, names: Sequence[str], numbers: tuple[tuple[str, Hashable], ...]) -> Explanation:
    """A text with the slots of its inputs numbered, and the numbers of the call put in."""
    places: dict[str, list[Tree]] = {}
    for port, name in enumerate(names):
        places.setdefault(name, []).append(slot(f"x{port}"))
    known = _shown(dict(numbers)) | {name: _listed(inputs) for name, inputs in places.items()}
    ports = [text.ports[name] for name in names]
    return Explanation(
        text.name, text.label, text.symbol, tuple(names), _put(text.formula, known),
        tuple(_put(port.local, known) for port in ports), tuple(_put(port.vjp, known) for port in ports),
        text.forward_sentence, text.backward_sentence, text.elementwise,
    )  # fmt: skip


@lru_cache(maxsize=8192)
def _of_group(title: str, operations: int, count: int) -> Explanation:
    if not operations:
        return replace(
            _function(GROUP, title, count), symbol="▤",
            forward_sentence="Leaves that one node alone uses; open it to see them one by one.",
            backward_sentence="Each of them receives a gradient of its own.",
        )  # fmt: skip
    return replace(
        _function(GROUP, title, count), symbol="▤",
        forward_sentence=f"A block of {operations} operations; open it to see them one by one.",
        backward_sentence="The gradient goes back through all operations of the block; an input gets their sum.",
    )  # fmt: skip


def _of_nothing(op: str, ports: Sequence[str], count: int) -> Explanation:
    found = _function(op, op, count)
    return replace(found, ports=tuple(ports)) if len(ports) == count else found


def _function(op: str, label: str, count: int) -> Explanation:
    """A function of its inputs that has a name, and no derivatives that somebody has written down."""
    names = tuple(f"x{port}" for port in range(count))
    inputs = [slot(name) for name in names]
    slopes = tuple(fraction(row("∂", Y), row("∂", x)) for x in inputs)
    return Explanation(
        op, label, op[:_LETTERS], names, applied(label, _listed(inputs)), slopes, tuple(row(G, "·", x) for x in slopes),
        UNWRITTEN, "Each input gets the upstream gradient times the local derivative, as torch computes it.",
    )  # fmt: skip


def _put(tree: Tree, known: Mapping[str, Tree]) -> Tree:
    """The formula with these slots filled and all others kept."""
    return fill(tree, {name: slot(name) for name in slots(tree)} | dict(known))


def _listed(terms: Sequence[Tree]) -> Tree:
    """``a, b, c``; of many the first and the last."""
    shown = [*terms[:2], row("…"), terms[-1]] if len(terms) > _MOST_LISTED else terms
    separated: list[Tree | str] = [part for term in shown for part in (",", term)]
    return row(*separated[1:]) if len(shown) != 1 else shown[0]


def _shown(numbers: Mapping[str, Hashable]) -> dict[str, Tree]:
    return {name: _written(number) for name, number in numbers.items()}


def _written(number: Any) -> Tree:
    """A number, a list of numbers, or the name of what is neither: ``float32``."""
    if isinstance(number, tuple):
        return _listed([_written(part) for part in number])
    if isinstance(number, int | float):
        return words("end") if number == _ENDLESS else value(float(number))
    return words(str(number).removeprefix("torch."))


def _fixed(number: Any) -> Hashable:
    """An argument as a key: lists as tuples."""
    if isinstance(number, list | tuple):
        return tuple(map(_fixed, number))
    return number if isinstance(number, Hashable) else str(number)
