"""What is written about torch's operations: worked out from what is shown, against torch's values and gradients."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from explorer.capture.aten import form_of
from explorer.ops.derive import NO_GRADIENT
from explorer.ops.explain import is_written
from explorer.ops.networks import TEXTS, Text
from explorer.ops.typeset import fill, latex, mathml
from tests.ops import reading, test_latex
from tests.ops.calls import CALLS, B, Call, Numbers, V, W, aten, call, normal, scaled


@pytest.mark.parametrize("case", CALLS, ids=lambda case: str(case.op))
def test_what_is_shown_is_what_torch_computes(case: Call) -> None:
    op, y = case.explained(), case.result()
    assert is_written(op) and len(op.vjp) == len(op.locals) == len(case.tensors)
    g = torch.randn(y.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    known = case.known(y, g)
    if not case.is_prose:
        np.testing.assert_allclose(reading.evaluate(op.formula, **known), known["y"], rtol=1e-8, atol=1e-12)
    for x, vjp in zip(case.tensors, op.vjp, strict=True):
        if not (x.requires_grad and y.requires_grad):
            continue
        (part,) = torch.autograd.grad(y, x, g, retain_graph=True, allow_unused=True)
        if vjp == NO_GRADIENT:
            assert part is None or not part.any()
        else:
            shown = reduced(reading.evaluate(vjp, **known), x.shape)
            np.testing.assert_allclose(shown, part.numpy(), rtol=1e-8, atol=1e-12)


def reduced(value: Any, shape: tuple[int, ...]) -> Any:
    """Summed over what was broadcast from ``shape``."""
    value = np.asarray(value, dtype=float)
    if value.ndim < len(shape):
        return np.broadcast_to(value, shape)
    value = value.sum(tuple(range(value.ndim - len(shape))))
    return value.sum(tuple(axis for axis, size in enumerate(shape) if size == 1), keepdims=True)


def test_a_planted_wrong_text_is_found() -> None:
    (silu,) = [case for case in CALLS if case.op is aten.silu.default]
    for port in (0, 1):
        wrong = replace(silu)
        op = silu.explained()
        planted = replace(op, formula=op.vjp[0]) if port else replace(op, vjp=op.locals)  # type: ignore[arg-type]
        wrong.explained = lambda planted=planted: planted  # type: ignore[method-assign]
        with pytest.raises(AssertionError):
            test_what_is_shown_is_what_torch_computes(wrong)


SLOPES = [
    case for case in CALLS if case.op in {
        aten.silu.default, aten.gelu.default, aten.rsqrt.default, aten.reciprocal.default, aten.erf.default,
        aten.log1p.default, aten.log_sigmoid.default, aten.leaky_relu.default, aten.elu.default, aten.rsub.Scalar,
        aten.pow.Tensor_Scalar, aten.pow.Scalar, aten.clamp.default, aten.masked_fill.Scalar, aten.tril.default,
        aten.triu.default,
    }
]  # fmt: skip


@pytest.mark.parametrize("case", SLOPES, ids=lambda case: str(case.op))
def test_local_derivatives_number_by_number(case: Call) -> None:
    op, y = case.explained(), case.result()
    (slope,) = torch.autograd.grad(y.sum(), case.tensors[0], retain_graph=True)
    shown = np.broadcast_to(reading.evaluate(op.locals[0], **case.known(y, torch.ones_like(y))), slope.shape)
    np.testing.assert_allclose(shown, slope.numpy(), rtol=1e-8, atol=1e-12)


def normal_of_five(x: Any, *_: Any) -> Numbers:
    return {**normal(x), "n": 5}


def scaled_of_five(x: Any, *_: Any) -> Numbers:
    return {**scaled(x), "n": 5}


ENTRIES = [
    call(aten.native_layer_norm.default, V, [5], W, B, 1e-5, letters=normal_of_five),
    call(aten.native_layer_norm.default, V, [5], None, None, 1e-5, letters=normal_of_five),
    call(aten.rms_norm.default, V, [5], W, 1e-5, letters=scaled_of_five),
    call(aten._log_softmax.default, V, 0, False),
]


@pytest.mark.parametrize("case", ENTRIES, ids=lambda case: str(case.op))
def test_entries_of_jacobians(case: Call) -> None:
    op, y = case.explained(), case.result()
    known = case.known(y, torch.ones_like(y))
    known["s"] = np.sum(known.get("s", 0))
    jacobian = [torch.autograd.grad(y[i], V, retain_graph=True)[0] for i in range(5)]
    for i, j in np.ndindex(5, 5):
        assert reading.evaluate(op.locals[0], **known, i=i, j=j) == pytest.approx(float(jacobian[i][j]), rel=1e-8)


ALL = [pytest.param(text, id=f"{text.name}-{place}") for texts in TEXTS.values() for place, text in enumerate(texts)]


def trees(text: Text) -> Iterator[Any]:
    yield text.formula
    for port in text.ports.values():
        yield from (port.local, port.vjp)


@pytest.mark.parametrize("text", ALL)
def test_trees_are_wellformed(text: Text) -> None:
    children = {"mfrac": 2, "msup": 2, "msub": 2, "munder": 2}
    names = [*text.arguments, "y", "g"]
    fillings: list[Mapping[str, Any]] = [{}, dict.fromkeys(names, -0.5), dict.fromkeys(names, "w_1")]
    for tree in (fill(tree, filling) for tree in trees(text) for filling in fillings):
        for part in ElementTree.fromstring(mathml(tree)).iter():
            assert len(part) == children.get(part.tag, len(part)) and part.tag != "slot"
        test_latex.check(latex(tree))


@pytest.mark.parametrize("text", ALL)
def test_texts_are_plain(text: Text) -> None:
    assert 0 < len(text.symbol) <= 4 and text.label
    for sentence in (text.forward_sentence, text.backward_sentence):
        assert re.fullmatch(r"[A-Z].*[^.]\.", sentence) and ". " not in sentence
        assert len(sentence.split()) <= 30 and not re.search(r"[`*$\\_{}]", sentence)


UNSEEN = {"getitem", "copy_slices", "as_strided"}
"""What torch does out of sight of its dispatcher."""


@cache
def schemas() -> Mapping[str, list[Any]]:
    """All of ATen by the names that operations have when they are recorded."""
    found: dict[str, list[Any]] = {}
    for qualified in torch._C._dispatch_get_all_op_names():
        space, _, rest = qualified.partition("::")
        name, _, overload = rest.partition(".")
        func = getattr(getattr(aten, name, None), overload or "default", None) if space == "aten" else None
        if func is not None:
            for recorded in {form_of(func).plain, form_of(func).other}:
                found.setdefault(recorded, []).append(func._schema)
    return found


@pytest.mark.parametrize("text", ALL)
def test_torch_has_a_call_that_a_text_is_about(text: Text) -> None:
    assert text.name in UNSEEN or any(could_fit(text, schema) for schema in schemas()[text.name])


def could_fit(text: Text, schema: Any) -> bool:
    names = [argument.name for argument in schema.arguments]
    tensors = iter([argument.name for argument in schema.arguments if "Tensor" in str(argument.type)])
    conditions = {name for name, value in text.when.items() if value is not None}
    return all(port in tensors for port in text.ports) and text.arguments | conditions <= {*names, "y", "g"}
