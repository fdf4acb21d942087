"""What the axes of a model's tensors are: batch, head, query token, key token, feature, vocabulary.

Shapes alone do not tell a square of scores from features that happen to be as many as the tokens, so the squares
are found from the softmax that they lead to or come from.
"""

from __future__ import annotations

from collections.abc import Sequence

from explorer.graph import Graph

Names = tuple[str, ...]

TOKENS = frozenset({"token", "query token", "key token"})
"""Names of axes along which the tokens of the prompt lie."""

_SOFTMAX = frozenset({"softmax", "scaled_dot_product_attention"})
_ENDS = frozenset({"matmul", "bmm", "mm"})
"""Scores come from a product of queries and keys, and go into one with the values."""

_WEIGHTS: dict[str, tuple[Names, Names]] = {
    "Linear": (("output feature", "input feature"), ("output feature",)),
    "Embedding": (("row", "feature"), ()),
    "LayerNorm": (("feature",), ("feature",)),
    "RMSNorm": (("feature",), ("feature",)),
}
"""Per class of module the axes of its weight and of its bias."""


class Axes:
    """The names of the axes of every node of ``graph``, for inputs ``(batch, tokens, ...)`` (0 tokens: of no text)."""

    def __init__(self, graph: Graph, batch: int, tokens: int, vocabulary: int = 0) -> None:
        self.graph, self.batch, self.tokens, self.vocabulary = graph, batch, tokens, vocabulary
        self._scores = _scores(graph, tokens) if tokens else frozenset()

    def of(self, index: int) -> Names:
        """One name per axis, "" where none is known."""
        shape = self.graph.shapes[index]
        if self.graph.kind(index) in ("parameter", "buffer"):
            return self._of_weight(index, len(shape))
        if self._is_turned_weight(index):
            return self.of(self.graph.inputs[index][0])[::-1]
        if not self.tokens:
            return ("sample", "feature") if len(shape) == 2 else ("",) * len(shape)
        if len(shape) == 4 and shape[1] == self.tokens != shape[2]:
            return ("batch", "token", "head", "feature")
        return self._around(shape[:-2]) + self._last_two(index, shape)

    def is_attention(self, index: int) -> bool:
        """Whether a node holds attention maps ``(batch, head, query, key)``: each row is shares that sum to one."""
        square = self.graph.shapes[index][-2:] == (self.tokens, self.tokens)
        return self.graph.ops[index] == "softmax" and square and len(self.graph.shapes[index]) in (3, 4)

    def _is_turned_weight(self, index: int) -> bool:
        inputs = self.graph.inputs[index]
        turned = self.graph.ops[index] in ("transpose", "t") and len(self.graph.shapes[index]) == 2
        return turned and self.graph.kind(inputs[0]) == "parameter"

    def _last_two(self, index: int, shape: Sequence[int]) -> Names:
        if index in self._scores:
            return ("query token", "key token")
        if not shape:
            return ()
        if len(shape) == 1:
            return ("token" if shape[0] == self.tokens else self._features(index, shape[0]),)
        if shape[-1] == self.tokens != shape[-2] and self.graph.dtypes[index] != "int64":
            return ("feature", "token")
        if len(shape) == 2 and self.graph.ops[index] == "input":
            return ("batch", "token")
        return ("token" if shape[-2] == self.tokens else "", self._features(index, shape[-1]))

    def _features(self, index: int, size: int) -> str:
        at_end = size == self.vocabulary and self.graph.scopes[index][:1] in (("lm_head",), ("loss",), ())
        return "vocabulary" if at_end else "feature"

    def _around(self, shape: Sequence[int]) -> Names:
        """The axes before the last two."""
        if len(shape) == 1:
            return ("batch" if shape[0] == self.batch else "batch × head",)
        return ("batch", "head") if len(shape) == 2 else ("",) * len(shape)

    def _of_weight(self, index: int, dims: int) -> Names:
        path = self.graph.names[index].split(".")
        kind = self.graph.modules.get(tuple(path[:-1]), "")
        weight, bias = _WEIGHTS.get(kind, ((), ()))
        names = weight if path[-1] == "weight" else bias
        if kind == "Embedding" and self.vocabulary and self.graph.shapes[index][0] == self.vocabulary:
            names = ("vocabulary", "feature")
        return names if len(names) == dims else ("",) * dims


def _scores(graph: Graph, tokens: int) -> frozenset[int]:
    """The nodes with an entry per query and key: from the product before a softmax to the one after it."""
    square = (tokens, tokens)
    found = {i for i, op in enumerate(graph.ops) if op in _SOFTMAX and graph.shapes[i][-2:] == square}
    waiting = list(found)
    while waiting:
        index = waiting.pop()
        near = [] if graph.ops[index] in _ENDS else [*graph.inputs[index]]
        near += [target for target, _ in graph.consumers[index] if graph.ops[target] not in _ENDS]
        fresh = [n for n in near if graph.shapes[n][-2:] == square and n not in found]
        found.update(fresh)
        waiting.extend(fresh)
    return frozenset(found)
