"""The record of what is written about one of torch's operations, and what many of them have in common.

Formulae name an operation's inputs as torch's own schema does: ``["slot", "self"]``, ``["slot", "weight"]``. A slot
for an argument that was a number in the call, such as ``dim``, shows that number. As in the op table, ``y`` is the
result and ``g`` the upstream gradient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from explorer.ops.derive import NO_DERIVATIVE, NO_GRADIENT
from explorer.ops.notation import (
    ELSEWHERE,
    OWN_PLACE,
    TAKEN,
    G,
    cases,
    digits,
    entry,
    fraction,
    row,
    slot,
    slots,
    words,
)
from explorer.ops.op import Tree

ALWAYS: Mapping[str, object] = MappingProxyType({})
"""The condition of a text that is true for every call with its ports."""


@dataclass(frozen=True, slots=True)
class Port:
    """Local derivative and contribution for one input."""

    local: Tree
    vjp: Tree


@dataclass(frozen=True, eq=False)
class Text:
    """What is written about an operation called with tensors for exactly the arguments ``ports``, in this order.

    ``when`` are values of other arguments that it is true for; where several texts fit a call, the first is meant.
    An input that is a list of tensors has one entry in ``ports``, which serves all of them.
    """

    name: str
    label: str
    symbol: str
    ports: Mapping[str, Port]
    formula: Tree
    forward_sentence: str
    backward_sentence: str
    when: Mapping[str, object] = field(default_factory=lambda: ALWAYS)
    elementwise: bool = False

    def fits(self, ports: tuple[str, ...], numbers: Mapping[str, object]) -> bool:
        """Whether it is about a call with these ports, lists counted once, and these other arguments."""
        is_meant = tuple(self.ports) == ports and all(numbers.get(key) == value for key, value in self.when.items())
        return is_meant and self.arguments <= {*ports, *numbers, "y", "g"}

    @cached_property
    def arguments(self) -> set[str]:
        """The names of all arguments that it speaks of."""
        ports = self.ports.values()
        return slots(["mrow", self.formula, *(tree for port in ports for tree in (port.local, port.vjp))])


NOTHING = Port(NO_DERIVATIVE, NO_GRADIENT)
"""An input that no gradient goes to."""

UNCHANGED = Port(digits(1), G)
"""An input that gets the upstream gradient as it is."""

IN_ITS_PLACE = Port(cases((digits(1), OWN_PLACE), (digits(0), ELSEWHERE)), row(G, words("\u00a0at its own place")))
"""An input all of whose entries are in the result, somewhere."""

WHERE_TAKEN = Port(cases((digits(1), TAKEN), (digits(0), ELSEWHERE)), cases((G, TAKEN), (digits(0), ELSEWHERE)))
"""An input some of whose entries are in the result."""

NO_WAY_BACK = "It hands on no gradient."

SELF, OTHER, DIM = slot("self"), slot("other"), slot("dim")
INPUT, WEIGHT, BIAS = slot("input"), slot("weight"), slot("bias")
ROWS = words("rows")


def factor(local: Tree) -> Port:
    """An input whose contribution is the upstream gradient times a local derivative that is no sum."""
    return Port(local, row(G, "·", local))


def share(part: Tree) -> Port:
    """An input whose every entry gets the upstream gradient divided by ``part``."""
    return Port(fraction(digits(1), part), fraction(G, part))


def phrase(*parts: Tree | str) -> Tree:
    """Terms with words between or behind them."""
    last = len(parts) - 1

    def spaced(place: int, part: str) -> str:
        return "\u00a0" * (place > 0) + part + "\u00a0" * (place < last)

    return row(*(words(spaced(place, part)) if isinstance(part, str) else part for place, part in enumerate(parts)))


def sized(name: str) -> Tree:
    """A shape, or a list of axes, in brackets."""
    return row("[", slot(name), "]")


def along(tree: Tree, dim: str = "dim") -> Tree:
    """``... along axis −1``."""
    return phrase(tree, "along axis", slot(dim))


def at(whole: Tree, place: Tree) -> Tree:
    """``x`` at a place."""
    return ["msub", whole, place]


DELTA = entry(["mi", "δ"], "ij")
