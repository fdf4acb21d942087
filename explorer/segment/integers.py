"""Integers on both sides of a cut: sizes, such as batch and length, that operations are computed with.

No link carries them. Every segment reads them off a dimension of a tensor that it has anyhow, which is what recomputing
one comes to; only where it has none of that length, a tensor is sent for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy

from explorer.segment.cut import letter
from explorer.segment.resize import symbols
from explorer.segment.split import Read, Split
from explorer.segment.traced import Traced


@dataclass(frozen=True, slots=True)
class Integer:
    """A size on both sides of a cut: ``batch``, ``length`` or what is computed from them; ``size`` as traced.

    ``read`` says by segment off which dimension of which tensor.
    """

    name: str
    size: int
    read: Mapping[int, Read]

    @property
    def way(self) -> str:
        return "sent" if any(one.arrives_for_it for one in self.read.values()) else "recomputed"

    @property
    def why(self) -> str:
        """In a sentence how each segment comes by it."""
        places = ", ".join(f"{letter(k)} off {one.tensor} (dimension {one.axis})" for k, one in self.read.items())
        sent = [f"{one.tensor} is sent to {letter(k)} for it" for k, one in self.read.items() if one.arrives_for_it]
        return f"each segment reads it off a tensor that it has: {places}" + "".join(f"; {text}" for text in sent)


def integers(parts: Split, run: Traced) -> list[Integer]:
    """Those that several segments read, or a later one than has it, in the order in which they are read first."""
    known = symbols(run)
    names = {symbol: sympy.Symbol(name) for symbol, (name, _) in known.items()}
    lengths = {symbol: length for symbol, (_, length) in known.items()}
    found: dict[Any, dict[int, Read]] = {}
    for segment, stage in enumerate(parts.stages):
        for size, read in stage.sizes.items():
            found.setdefault(size, {}).setdefault(segment, read)
    made = [Integer(str(size.subs(names)), int(size.subs(lengths)), read) for size, read in found.items()]
    return [one for one in made if len(one.read) > 1 or one.way == "sent"]
