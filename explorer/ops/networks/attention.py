"""Attention as one operation. In derivatives ``P`` are its weights: what softmax made of the scores."""

from __future__ import annotations

from itertools import product

from explorer.ops.networks.written import Port, Text
from explorer.ops.notation import G, applied, beside, fenced, fraction, letter, over, row, slot, transposed, words
from explorer.ops.op import Tree

_Q, _K, _V = slot("query"), slot("key"), slot("value")
_P, _D = letter("P"), letter("d")
_MASKS = {
    "scaled_dot_product_attention": "attn_mask",
    "scaled_dot_product_flash_attention": "",
    "scaled_dot_product_flash_attention_for_cpu": "attn_mask",
    "scaled_dot_product_efficient_attention": "attn_bias",
    "scaled_dot_product_cudnn_attention": "attn_bias",
    "scaled_dot_product_fused_attention_overrideable": "attn_bias",
}
"""torch's kernels for attention, and what each calls the mask that it takes."""

_PULLED = beside(G, transposed(_V))
_TO_SCORES = fenced(row(_P, "⊙", fenced(row(_PULLED, "−", over(words("keys"), fenced(row(_P, "⊙", fenced(_PULLED))))))))
"""The gradient of the scores: through softmax, row by row."""


def _scaled(tree: Tree, has_scale: bool) -> Tree:
    return row(slot("scale"), "·", fenced(tree)) if has_scale else fraction(tree, ["msqrt", _D])


def _ports(mask: str, has_scale: bool) -> dict[str, Port]:
    through = words("through softmax")
    return {
        "query": Port(through, _scaled(beside(_TO_SCORES, _K), has_scale)),
        "key": Port(through, _scaled(beside(transposed(_TO_SCORES), _Q), has_scale)),
        "value": Port(_P, beside(transposed(_P), G)),
        **({mask: Port(through, _TO_SCORES)} if mask else {}),
    }


def _attention(name: str, mask: str, is_causal: bool, has_scale: bool) -> Text:
    scores = _scaled(beside(_Q, transposed(_K)), has_scale)
    hidden = slot(mask) if mask else words("causal mask")
    inside = row(scores, "+", hidden) if mask or is_causal else scores
    keys = "of earlier tokens and its own" if is_causal else "of all tokens"
    return Text(
        name, "attention", "attn", _ports(mask, has_scale), beside(applied("softmax", inside), _V),
        f"Every token compares its query with the keys {keys}; softmax of that says how to mix the values.",
        "The values get the upstream gradient by the same weights P; queries and keys get it through softmax.",
        {"is_causal": is_causal, **({} if has_scale else {"scale": None})},
    )  # fmt: skip


TEXTS = tuple(
    _attention(name, mask, is_causal, has_scale)
    for name, own in _MASKS.items()
    for mask, is_causal, has_scale in product(dict.fromkeys(("", own)), (False, True), (False, True))
)
