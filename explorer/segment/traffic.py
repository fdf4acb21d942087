"""What travels over every link: for one more token, for a prompt, and for a training step, in each number format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from explorer.segment.attention import attentions
from explorer.segment.crossing import Crossing
from explorer.segment.cut import Segmentation

NARROW = {"float32": 4, "float16": 2, "int8": 1}
"""Bytes an element in which a link may send numbers with a fraction part."""

SCALE = 4
"""Bytes of the scale that travels with each value in int8."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Bytes over one link in one direction each: the ``prompt`` forward, and ``back`` the gradients of a step.

    ``token`` is what each further token of text sends, where keys and values are cached; None where nothing attends
    to earlier tokens alone, so that no text is written.
    """

    prompt: int
    back: int
    token: int | None

    @property
    def step(self) -> int:
        """A training step: forward and gradient."""
        return self.prompt + self.back


def traffic(of: Segmentation, crossing: Sequence[Crossing], dtype: str = "float32") -> list[Sent]:
    """Per link, where numbers with a fraction part are sent as ``dtype``; whole numbers are sent as they are."""
    tokens = written(of)
    found = [Sent(0, 0, None if tokens is None else 0)] * (of.parts - 1)
    for one in crossing:
        if one.way == "sent":
            more = _sent(of, one, dtype, tokens)
            for cut in range(one.source, one.targets[-1]):
                found[cut] = _sum(found[cut], more)
    return found


def written(of: Segmentation) -> int | None:
    """How many tokens were traced, where the graph can write text: all its attention looks back alone."""
    found = attentions(of.graph)
    lengths = {one.tokens for one in found}
    return lengths.pop() if len(lengths) == 1 and all(one.cached for one in found) else None


def _sent(of: Segmentation, one: Crossing, dtype: str, tokens: int | None) -> Sent:
    graph, shape = of.graph, of.graph.shapes[one.node]
    is_float = graph.dtypes[one.node].startswith(("float", "bfloat"))
    scale = SCALE if is_float and dtype == "int8" else 0
    each = NARROW[dtype] if is_float else one.bytes // max(1, prod(shape))
    whole = prod(shape) * each + scale
    back = whole if graph.requires_grad[one.node] else 0
    if tokens is None:
        return Sent(whole, back, None)
    return Sent(whole, back, prod(shape) // tokens * each + scale if tokens in shape else whole)


def _sum(one: Sent, two: Sent) -> Sent:
    token = None if one.token is None or two.token is None else one.token + two.token
    return Sent(one.prompt + two.prompt, one.back + two.back, token)
