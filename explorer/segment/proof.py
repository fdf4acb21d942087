"""All that is checked of a division, step by step, so that somebody can watch it and stop it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from explorer.errors import SegmentError
from explorer.segment.cut import Segmentation
from explorer.segment.fresh import fresh
from explorer.segment.generate import generate
from explorer.segment.integers import Integer, integers
from explorer.segment.narrow import Error, link_error
from explorer.segment.parity import Parity, verify
from explorer.segment.resize import free_sizes
from explorer.segment.split import Split, split
from explorer.segment.traced import Traced

MOST_TOKENS = 8
"""So many tokens are written."""


@dataclass(frozen=True)
class Proof:
    """What was checked so far. ``traced``: on the inputs of the trace; ``fresh``: on others of another size.

    ``written`` tokens are the same from the segments and the whole model, of ``asked``; None where the model writes no
    text. ``errors`` by the dtype of all links. ``integers`` are sizes that several segments read.
    """

    traced: Parity | None = None
    fresh: Parity | None = None
    written: int | None = None
    asked: int = 0
    errors: Mapping[str, Error] = field(default_factory=dict)
    integers: Sequence[Integer] = ()

    @property
    def bit_equal(self) -> bool:
        """To the last bit on both inputs, and every token the same."""
        both = self.traced is not None and self.fresh is not None and self.traced.bit_equal and self.fresh.bit_equal
        return both and (self.written is None or self.written == self.asked)


class Done(NamedTuple):
    """``share`` of the work, what comes next in ``words``, and the proof so far."""

    share: float
    words: str
    proof: Proof


def prove(run: Traced, of: Segmentation, choices: Mapping[int, str] | None = None) -> Iterator[Done]:
    """Runs the segments as modules of their own: the traced input first, as its answer is asked for soonest.

    Raises SegmentError for a run that was not exported, or that has no numbers.
    """
    proof = Proof()
    yield Done(0.0, "making the segments", proof)
    parts = split(run, of, choices)
    proof = replace(proof, integers=integers(parts, run))
    args, kwargs = sample(parts)
    yield Done(0.15, "comparing on the traced input", proof)
    proof = replace(proof, traced=verify(parts, args, kwargs))
    yield Done(0.4, "comparing on another input", proof)
    proof = replace(proof, fresh=verify(parts, *fresh(parts.exported.program, args, kwargs)))
    yield Done(0.65, "writing text", proof)
    proof = _text(run, parts, args, kwargs, proof)
    for number, dtype in enumerate(("float16", "int8") if of.parts > 1 else ()):
        yield Done(0.8 + 0.1 * number, f"sending {dtype} over the links", proof)
        proof = replace(proof, errors={**proof.errors, dtype: link_error(parts, dtype, args, kwargs)})
    yield Done(1.0, "", proof)


def sample(parts: Split) -> tuple[Sequence[Any], Mapping[str, Any]]:
    """What the model was captured with. Raises SegmentError where it is gone, or has no numbers."""
    given = parts.exported.program.example_inputs
    if given is None:
        raise SegmentError("The inputs that the model was captured with are not there any more.")
    args, kwargs = given
    held = [*args, *kwargs.values(), *parts.exported.module.parameters()]
    if any(isinstance(x, Tensor) and x.is_meta for x in held):
        raise SegmentError("The model has no weights, so there are no numbers to compare.")
    return args, kwargs


def _text(run: Traced, parts: Split, args: Sequence[Any], kwargs: Mapping[str, Any], proof: Proof) -> Proof:
    """With text written by both, where the model reads one tensor of token ids and gives scores."""
    given = [x for x in (*args, *kwargs.values()) if isinstance(x, Tensor)]
    if len(given) != 1 or given[0].dim() != 2 or given[0].dtype != torch.int64:
        return proof
    model = parts.exported.module_of_its_own()
    tokens, count = _start(run, given[0])
    try:
        one, two = (generate(_reading(call, args, kwargs), tokens, count) for call in (model, parts))
    except SegmentError:
        return proof
    same = (one == two).all(0)[tokens.shape[1] :]
    return replace(proof, written=int(same.cumprod(0).sum()), asked=count)


def _reading(call: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Callable[[Tensor], Any]:
    def put(x: Any, tokens: Tensor) -> Any:
        return tokens if isinstance(x, Tensor) else x

    return lambda tokens: call(*(put(x, tokens) for x in args), **{name: put(x, tokens) for name, x in kwargs.items()})


def _start(run: Traced, tokens: Tensor) -> tuple[Tensor, int]:
    """The beginning to write on from, and how many tokens more fit."""
    most = next((size.most for size in free_sizes(run) if size.name == "length"), tokens.shape[1])
    length = tokens.shape[1] if most is None else min(tokens.shape[1], max(2, most - MOST_TOKENS))
    room = MOST_TOKENS if most is None else most - length
    return tokens[:, :length], max(0, min(MOST_TOKENS, room))
