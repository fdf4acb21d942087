"""Attention as one operation. In derivatives ``P`` are its weights: what softmax made of the scores."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from explorer.ops.networks.written import Port, Text
from explorer.ops.notation import G, applied, beside, fenced, fraction, letter, over, row, slot, transposed, words
from explorer.ops.op import Tree

_Q, _K, _V, _MASK = slot("query"), slot("key"), slot("value"), slot("attn_mask")
_P, _D = letter("P"), letter("d")
_NAMES = (
    "scaled_dot_product_attention",
    "scaled_dot_product_flash_attention",
    "scaled_dot_product_flash_attention_for_cpu",
    "scaled_dot_product_efficient_attention",
    "scaled_dot_product_fused_attention_overrideable",
)
_PULLED = beside(G, transposed(_V))
_TO_SCORES = fenced(row(_P, "⊙", fenced(row(_PULLED, "−", over(words("keys"), fenced(row(_P, "⊙", fenced(_PULLED))))))))
"""The gradient of the scores: through softmax, row by row."""


def _scaled(tree: Tree, has_scale: bool) -> Tree:
    return row(slot("scale"), "·", fenced(tree)) if has_scale else fraction(tree, ["msqrt", _D])


def _ports(has_mask: bool, has_scale: bool) -> dict[str, Port]:
    through = words("through softmax")
    mask = {"attn_mask": Port(through, _TO_SCORES)} if has_mask else {}
    return {
        "query": Port(through, _scaled(beside(_TO_SCORES, _K), has_scale)),
        "key": Port(through, _scaled(beside(transposed(_TO_SCORES), _Q), has_scale)),
        "value": Port(_P, beside(transposed(_P), G)),
        **mask,
    }


def _attentions() -> Iterator[Text]:
    for name, has_mask, is_causal, has_scale in product(_NAMES, (False, True), (False, True), (False, True)):
        scores = _scaled(beside(_Q, transposed(_K)), has_scale)
        hidden: Tree = _MASK if has_mask else words("causal mask")
        inside = row(scores, "+", hidden) if has_mask or is_causal else scores
        keys = "of earlier tokens and its own" if is_causal else "of all tokens"
        yield Text(
            name, "attention", "attn", _ports(has_mask, has_scale),
            beside(applied("softmax", inside), _V),
            f"Every token compares its query with the keys {keys}; softmax of that says how to mix the values.",
            "The values get the upstream gradient by the same weights P; queries and keys get it through softmax.",
            {"is_causal": is_causal, **({} if has_scale else {"scale": None})},
        )  # fmt: skip


TEXTS = tuple(_attentions())
