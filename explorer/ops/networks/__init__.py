"""What is written about torch's own operations as they occur in networks. What computes is torch; this explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from explorer.ops.networks import (
    activations,
    attention,
    choosing,
    creation,
    linear,
    losses,
    norms,
    numbers,
    picking,
    shapes,
    sums,
)
from explorer.ops.networks.written import Port, Text

_FAMILIES = (linear, attention, norms, activations, losses, numbers, choosing, shapes, picking, sums, creation)


def _by_name() -> Mapping[str, Sequence[Text]]:
    found: dict[str, list[Text]] = {}
    for family in _FAMILIES:
        for text in family.TEXTS:
            found.setdefault(text.name, []).append(text)
    return MappingProxyType(found)


TEXTS: Mapping[str, Sequence[Text]] = _by_name()
"""By the operation's name, the texts for its different calls; the first one that fits a call is meant."""

__all__ = ["TEXTS", "Port", "Text"]
