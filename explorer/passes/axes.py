"""What the axes of a model's tensors are: batch, head, query token, key token, feature, vocabulary.

Shapes alone do not tell a square of scores from features that happen to be as many as the tokens, so the squares
are found from the softmax that they lead to or come from. Of a model that reads one text and answers with another,
what depends on the answer lies along its tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    """The names of the axes of every node of ``graph``, for inputs ``(batch, tokens, ...)`` (0 tokens: of no text).

    The node ``answer`` of a model with a decoder holds the tokens of the answer, ``(batch, tokens of its own)``.
    """

    def __init__(self, graph: Graph, batch: int, tokens: int, vocabulary: int = 0, answer: int | None = None) -> None:
        self.graph, self.batch, self.tokens, self.vocabulary = graph, batch, tokens, vocabulary
        self._answers = frozenset() if answer is None else _depending(graph, answer)
        self._answered = tokens if answer is None else graph.shapes[answer][-1]
        self._scores = self._find_scores()

    def of(self, index: int) -> Names:
        """One name per axis, "" where none is known."""
        shape, tokens = self.graph.shapes[index], self._count(index in self._answers)
        if self.graph.kind(index) in ("parameter", "buffer"):
            return self._of_weight(index, len(shape))
        if self._is_turned_weight(index):
            return self.of(self.graph.inputs[index][0])[::-1]
        if index in self._scores:
            return (*self._around(shape[:-2]), "query token", "key token")
        if not tokens:
            return ("sample", "feature") if len(shape) == 2 else ("",) * len(shape)
        if len(shape) == 4 and shape[1] == tokens != shape[2]:
            return ("batch", "token", "head", "feature")
        return self._around(shape[:-2]) + self._last_two(index, shape, tokens)

    def is_attention(self, index: int) -> bool:
        """Whether a node holds attention maps ``(batch, head, query, key)``: each row is shares that sum to one."""
        is_softmax = self.graph.ops[index] == "softmax" and len(self.graph.shapes[index]) in (3, 4)
        return is_softmax and index in self._scores

    def is_answer(self, index: int, name: str) -> bool:
        """Whether it is the answer's tokens that lie along the axis of that name."""
        of_query, of_key = self._scores.get(index, (False, False))
        return {"query token": of_query, "key token": of_key, "token": index in self._answers}.get(name, False)

    def _count(self, of_answer: bool) -> int:
        return self._answered if of_answer else self.tokens

    def _find_scores(self) -> Mapping[int, tuple[bool, bool]]:
        """The nodes with an entry per query and key, from the product before a softmax to the one after it; and
        whether queries and keys are of the answer.
        """
        graph, found = self.graph, dict[int, tuple[bool, bool]]()
        for start in (i for i, op in enumerate(graph.ops) if op in _SOFTMAX and i not in found):
            region = _region(graph, start)
            products = [i for i in region if graph.ops[i] in _ENDS and i < start]
            of_query = start in self._answers
            of_key = graph.inputs[products[0]][1] in self._answers if products else of_query
            is_of_tokens = graph.shapes[start][-2:] == (self._count(of_query), self._count(of_key))
            if is_of_tokens or (products and len(graph.shapes[start]) == 4):  # patches and frames attend as well
                found.update(dict.fromkeys(region, (of_query, of_key)))
        return found

    def _is_turned_weight(self, index: int) -> bool:
        inputs = self.graph.inputs[index]
        turned = self.graph.ops[index] in ("transpose", "t") and len(self.graph.shapes[index]) == 2
        return turned and self.graph.kind(inputs[0]) == "parameter"

    def _last_two(self, index: int, shape: Sequence[int], tokens: int) -> Names:
        if not shape:
            return ()
        if len(shape) == 1:
            return ("token" if shape[0] == tokens else self._features(index, shape[0]),)
        if shape[-1] == tokens != shape[-2] and self.graph.dtypes[index] != "int64":
            return ("feature", "token")
        if len(shape) == 2 and self.graph.ops[index] == "input":
            return ("batch", "token")
        return ("token" if shape[-2] == tokens else "", self._features(index, shape[-1]))

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


def _region(graph: Graph, start: int) -> set[int]:
    """The nodes around a softmax that have its last two sizes, as far as the products at both ends."""
    last = graph.shapes[start][-2:]
    found, waiting = {start}, [start]
    while waiting:
        index = waiting.pop()
        near = [] if graph.ops[index] in _ENDS else [*graph.inputs[index]]
        near += [target for target, _ in graph.consumers[index] if graph.ops[target] not in _ENDS]
        fresh = [n for n in near if graph.shapes[n][-2:] == last and n not in found]
        found.update(fresh)
        waiting.extend(fresh)
    return found


def _depending(graph: Graph, source: int) -> frozenset[int]:
    """The node and all that is computed from it."""
    found = {source}
    for node in range(source + 1, len(graph)):
        if not found.isdisjoint(graph.inputs[node]):
            found.add(node)
    return frozenset(found)
