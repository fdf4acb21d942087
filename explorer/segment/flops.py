"""How many floating-point operations one call takes, by the name of the operation and the shapes.

Products count 2 for each multiply-add, and nothing for a bias, as torch's own FlopCounterMode does; a sum over n
numbers counts n; softmax 5 an element (maximum, difference, exp, sum, quotient), a normalisation 7 (mean, difference,
square, sum, scale, weight, bias), one by the root mean square 4. Everything else that computes counts 1 an element of
its result, be it a sum or a sine; what only moves numbers counts 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from explorer.ops import OPS

Shape = tuple[int, ...]

FACTORS: Mapping[str, tuple[int, ...]] = {
    "matmul": (0, 1), "dot": (0, 1), "linear": (0, 1), "addmm": (1, 2), "baddbmm": (1, 2), "addbmm": (1, 2),
    "addmv": (1, 2), "grouped_mm": (0, 1), "grouped_mm_fallback": (0, 1),
    "convolution": (0, 1), "conv1d": (0, 1), "conv2d": (0, 1), "conv3d": (0, 1),
    "conv_transpose1d": (0, 1), "conv_transpose2d": (0, 1),
}  # fmt: skip
"""The ports of a product. Its backward is one more product, as large, for each that a gradient is asked for."""

ATTENTION = frozenset({
    "scaled_dot_product_attention", "scaled_dot_product_flash_attention_for_cpu", "scaled_dot_product_flash_attention",
    "scaled_dot_product_efficient_attention", "scaled_dot_product_cudnn_attention",
    "scaled_dot_product_attention_math",
})  # fmt: skip

MOVES = frozenset({
    "view", "view_as", "reshape", "flatten", "unflatten", "transpose", "permute", "movedim", "numpy_T", "expand",
    "expand_as", "broadcast_to", "slice", "select", "narrow", "squeeze", "unsqueeze", "split", "split_with_sizes",
    "chunk", "unbind", "getitem", "detach", "alias", "clone", "contiguous", "to", "type_as", "cat", "stack",
    "concatenate", "index", "index_select", "index_put", "gather", "scatter", "embedding", "copy", "copy_slices",
    "pad", "constant_pad_nd", "repeat", "repeat_interleave", "tile", "tril", "triu", "roll", "flip", "diagonal",
    "arange", "ones", "zeros", "full", "empty", "empty_like", "ones_like", "zeros_like", "full_like", "new_zeros",
    "new_ones", "new_full", "new_empty", "scalar_tensor", "lift_fresh", "lift_fresh_copy", "fill",
    "masked_select", "take_along_dim", "select_scatter", "slice_scatter", "as_strided", "unsafe_view", "swapaxes",
    "channel_shuffle",
})  # fmt: skip
"""Operations that compute nothing."""

_SUMS = frozenset({
    "sum", "mean", "amax", "amin", "max", "min", "norm", "linalg_vector_norm", "argmax", "argmin", "cumsum", "prod",
    "any", "all", "var", "std", "logsumexp", "mse", "nll_loss", "nll_loss_nd", "avg_pool2d", "max_pool2d",
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "max_pool2d_with_indices",
})  # fmt: skip
"""As much work as numbers go in."""

_PER_ELEMENT = {
    "softmax": 5.0, "log_softmax": 5.0, "cross_entropy": 5.0, "cross_entropy_loss": 5.0,
    "layer_norm": 7.0, "group_norm": 7.0, "batch_norm": 7.0, "instance_norm": 7.0, "rms_norm": 4.0,
    "weight_norm": 4.0, "weight_norm_interface": 4.0,
}  # fmt: skip
"""Operations on each element of the first input."""

_ONE = frozenset({
    "add", "sub", "rsub", "mul", "div", "neg", "pow", "gt", "lt", "ge", "le", "eq", "ne", "maximum", "minimum",
    "abs", "sign", "exp", "exp2", "log", "log2", "log1p", "sqrt", "rsqrt", "reciprocal", "sin", "cos", "tan", "tanh",
    "sigmoid", "relu", "leaky_relu", "gelu", "silu", "softplus", "hardtanh", "hardswish", "elu", "erf", "clip",
    "clamp_min", "clamp_max", "where", "masked_fill", "logical_not", "logical_and", "logical_or", "bitwise_not",
    "bitwise_and", "bitwise_or", "bitwise_xor", "dropout", "native_dropout", "addcmul", "addcdiv", "lerp", "isnan",
    "isinf", "outer", "diff", "and__", "or__", "xor__", "floor",
    "ceil", "round", "remainder", "floor_divide", "square", "fmod",
})  # fmt: skip
"""One for each element of the result, and known to be so."""


def flops(op: str, ports: Sequence[Shape], shape: Shape, attrs: Mapping[str, Any]) -> float:
    """Floating-point operations of one call. ``ports`` are the shapes that go in, ``shape`` what comes out."""
    name = op.partition(".")[0]
    if name in FACTORS:
        return _product(name, ports, shape, attrs)
    if name in ATTENTION:
        (*batch, queries, size), keys, width = ports[0], ports[1][-2], ports[2][-1]
        return 2.0 * prod(batch) * queries * keys * (size + width)
    if name in MOVES:
        return 0.0
    if name in _SUMS or name in _PER_ELEMENT:
        return _PER_ELEMENT.get(name, 1.0) * prod(ports[0] if ports else shape)
    return float(prod(shape))


def backward_flops(op: str, forward: float, grads: Sequence[bool]) -> float:
    """The same for the backward. ``grads`` says which ports a gradient is asked for; without one there is none."""
    name = op.partition(".")[0]
    if not any(grads):
        return 0.0
    if name in FACTORS:
        return forward * sum(grads[port] for port in FACTORS[name] if port < len(grads))
    return forward * 2.5 if name in ATTENTION else forward  # scores are computed again: five products, not two


def is_known(op: str) -> bool:
    """Whether an operation is in one of the tables; any other counts as one of its elements at a time."""
    name = op.partition(".")[0]
    known = (FACTORS, ATTENTION, MOVES, _SUMS, _PER_ELEMENT, _ONE, OPS)
    return any(name in table for table in known)


def _product(name: str, ports: Sequence[Shape], shape: Shape, attrs: Mapping[str, Any]) -> float:
    first, second = (ports[port] for port in FACTORS[name])
    if name.startswith("conv"):
        places = first[2:] if attrs.get("transposed") or name.startswith("conv_transpose") else shape[2:]
        return 2.0 * first[0] * prod(places) * prod(second)
    if name == "dot":
        return 2.0 * prod(first)
    return 2.0 * prod(shape) * (first[-1] if first else 1)
