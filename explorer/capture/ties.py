"""Which node of a graph each node of torch's autograd graph belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch.autograd.graph import Node as GradNode

from explorer.capture.pull import leaf_of


@dataclass(slots=True)
class Ties:
    """``owner`` gives the operation of an autograd node.

    An operation with several results has nodes for those that are used: ``parts`` by autograd node and number of
    the result, ``pieces`` by operation. ``through`` names the write behind a ``copy_slices``; ``stands_for`` the
    node that autograd knows in place of another, which it did not see; ``leaves`` the node of a leaf, by the id of
    its tensor.
    """

    owner: dict[GradNode, int] = field(default_factory=dict)
    parts: dict[tuple[GradNode, int], int] = field(default_factory=dict)
    pieces: dict[int, list[int]] = field(default_factory=dict)
    through: dict[int, int] = field(default_factory=dict)
    stands_for: dict[int, int] = field(default_factory=dict)
    leaves: dict[int, int] = field(default_factory=dict)

    def source(self, fn: GradNode, number: int) -> int | None:
        """The node that an autograd edge leads to; None where it is not known."""
        if number == 0:
            node = self.owner.get(fn)
            if node is not None and node not in self.pieces:
                return node
        leaf = leaf_of(fn)
        if leaf is not None:
            return self.leaves.get(id(leaf))
        part = self.parts.get((fn, number))
        return self.owner.get(fn) if part is None and number == 0 else part
