"""What a language model would say: next-token probabilities, and the same after every block (the logit lens).

The lens is that of nostalgebraist (2020): what comes after the last block, applied to the output of each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from explorer.errors import RunError
from explorer.execute import again
from explorer.graph import Graph
from explorer.run import Run, as_tensor

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """One token with its probability."""

    token: int
    share: float


def likeliest(logits: Tensor, position: int, count: int) -> Sequence[Guess]:
    """The ``count`` likeliest next tokens after a position, of logits ``(1, tokens, vocabulary)``."""
    shares = logits[0, position].detach().double().softmax(-1)
    top = shares.topk(min(count, len(shares)))
    return [Guess(token, share) for share, token in zip(top.values.tolist(), top.indices.tolist(), strict=True)]


def logit_lens(model: nn.Module, run: Run, logits: int) -> Sequence[tuple[str, Tensor]]:
    """Per block its path and the logits ``(1, tokens, vocabulary)`` that its output would give in the last one's place.

    All that comes after the blocks is done again, whatever it is. [] where no stack of blocks leads to the node
    ``logits``, or what comes after cannot be done again.
    """
    stacks = [_stack(run.graph, path) for path in _lists(model)]
    leading = [stack for stack in stacks if stack and _leads(run.graph, stack[-1][1], logits)]
    if not leading:
        return []
    blocks = max(leading, key=lambda stack: stack[-1][1])
    last = blocks[-1][1]
    streams = [(path, run.value(node)) for path, node in blocks if run.graph.shapes[node] == run.graph.shapes[last]]
    try:
        return [
            (".".join(path), as_tensor(again(run, {last: stream}, logits)).detach())
            for path, stream in streams
            if stream is not None
        ]
    except RunError:
        return []


def _lists(model: nn.Module) -> Iterator[Path]:
    """The paths of lists of modules that lie in no other list."""
    outer: list[Path] = []
    for name, module in model.named_modules():
        path = tuple(name.split("."))
        if isinstance(module, nn.ModuleList) and not any(path[: len(above)] == above for above in outer):
            outer.append(path)
            yield path


def _stack(graph: Graph, path: Path) -> Sequence[tuple[Path, int]]:
    """The calls of the modules of a list, in order, each with the node of what it hands on: of three dimensions."""
    depth, handed = len(path), dict[Path, int]()
    for node, sources in enumerate(graph.inputs):
        for source in sources:
            scope = graph.scopes[source]
            is_out = (
                scope[:depth] == path and len(scope) > depth and scope[: depth + 1] != graph.scopes[node][: depth + 1]
            )
            if is_out and graph.kind(source) == "op" and len(graph.shapes[source]) == 3:
                block = scope[: depth + 1]
                handed[block] = max(source, handed.get(block, source))
    return sorted(handed.items(), key=lambda item: item[1])


def _leads(graph: Graph, source: int, target: int) -> bool:
    """Whether a node depends on another."""
    reached = {source}
    for node in range(source + 1, target + 1):
        if not reached.isdisjoint(graph.inputs[node]):
            reached.add(node)
    return source != target and target in reached
