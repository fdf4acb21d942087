"""The table of operations: how each is computed, differentiated, typeset and explained."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from explorer.ops import arithmetic, choices, elementwise, leaves, losses, matrix, reductions
from explorer.ops.op import Op, Scalar, Tree, Written

_FAMILIES = (leaves, arithmetic, choices, elementwise, reductions, matrix, losses)

OPS: Mapping[str, Op] = MappingProxyType({op.name: op for family in _FAMILIES for op in family.OPERATIONS})
"""Every operation of the language, by name."""

__all__ = ["OPS", "Op", "Scalar", "Tree", "Written"]
