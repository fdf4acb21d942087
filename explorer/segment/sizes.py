"""How many bytes a value is."""

from __future__ import annotations

from math import prod

import torch

from explorer.graph import Graph


def item_bytes(dtype: str) -> int:
    """Bytes of one element: 4 for ``float32``; 0 for what is no tensor."""
    kind = getattr(torch, dtype, None) if dtype else None
    return kind.itemsize if isinstance(kind, torch.dtype) else 0


def value_bytes(graph: Graph, node: int) -> int:
    """Bytes of a node's value, by its shape and dtype; 0 for a list of tensors."""
    return prod(graph.shapes[node]) * item_bytes(graph.dtypes[node])
