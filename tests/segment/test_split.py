"""Segments as modules, run one after the other, against the whole model."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from explorer.capture.model import trace_module
from explorer.capture.trace import ModuleRun
from explorer.errors import SegmentError
from explorer.models.llama import LlamaBlock, LlamaConfig
from explorer.models.sort import encode
from explorer.segment.cut import Segmentation, after, placed, whole
from explorer.segment.fresh import fresh
from explorer.segment.generate import generate
from explorer.segment.narrow import LINKS, as_float16, as_int8, link_error
from explorer.segment.parity import Parity, verify
from explorer.segment.split import Split, memory_order, split
from explorer.segment.units import units
from tests.capture.test_random_programs import QUIET
from tests.segment.models import gpt, tokens, traced

HUGGING = {
    "gpt2": {"n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 32},
    "llama": {"hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 4, "num_key_value_heads": 2},
    "qwen2": {"hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 4, "num_key_value_heads": 2},
    "opt": {"hidden_size": 16, "ffn_dim": 32, "num_attention_heads": 2, "word_embed_proj_dim": 16},
    "bert": {"hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2},
    "t5": {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 1, "num_heads": 2},
}  # fmt: skip
CUTS_EACH = 5
"""Of a model of the library so many cuts are tried, spread over it; of our own every one, every fifth on other inputs
as well. ``python -m benchmarks.segment --parity`` tries all of all."""


def two_sided(run: ModuleRun, cut: int) -> Segmentation:
    taken = units(run.graph)
    return placed(taken, [int(unit > cut) for unit in range(len(taken))])


def check(made: Parity) -> None:
    """The same bits come out; gradients may differ where a sum over copies is taken in another order."""
    assert made.outputs_equal and made.output_difference == 0
    assert made.gradient_difference < 1e-6
    assert made.gradients_equal == (made.worst == "")


def check_every_cut(module: nn.Module) -> None:
    """Traced on four rows of three numbers and divided at every place, it is bit-equal to the whole on five."""
    run = trace_module(module, (torch.randn(4, 3),), mode="export")
    for cut in range(len(units(run.graph)) - 1):
        made = verify(split(run, two_sided(run, cut)), (torch.randn(5, 3),))
        check(made)
        assert made.bit_equal


def test_every_cut_of_a_gpt_gives_the_same_bits() -> None:
    run = traced("export")
    others = fresh(run.exported.program, (tokens(),))[0]
    assert others[0].shape == (2, 8)
    for cut in range(len(units(run.graph)) - 1):
        parts = split(run, two_sided(run, cut))
        for args in ((tokens(),), others)[: 1 + (cut % 5 == 0)]:
            made = verify(parts, args)
            check(made)
            assert made.bit_equal and made.shapes == (tuple(args[0].shape),)


@pytest.mark.parametrize("name", HUGGING)
def test_cuts_of_models_of_the_library(name: str) -> None:
    pytest.importorskip("transformers")
    from explorer.models.hugging import from_config, inputs_for

    sizes = {"num_hidden_layers": 2, "vocab_size": 50, "max_position_embeddings": 64} if name != "t5" else {}
    module = from_config({"model_type": name, "vocab_size": 50, **sizes, **HUGGING[name]})
    known = inspect.signature(module.forward).parameters
    inputs = {key: value for key, value in inputs_for(module).items() if key in known}
    run = trace_module(module, (), inputs, mode="export")
    others = fresh(run.exported.program, (), inputs)[1]
    count = len(units(run.graph)) - 1
    for cut in range(1, count, max(1, count // CUTS_EACH)):
        parts = split(run, two_sided(run, cut))
        check(verify(parts, (), inputs))
        check(verify(parts, (), others))


@settings(QUIET, max_examples=25)
@given(st.data())
def test_any_valid_assignment_gives_the_same_bits(data: st.DataObject) -> None:
    run = traced("export")
    taken = units(run.graph)
    parts = data.draw(st.integers(2, 6))
    of: list[int] = []
    for sources in taken.inputs:
        of.append(max([of[s] for s in sources] + [data.draw(st.sampled_from([0] * 8 + list(range(parts))))]))
    used = sorted(set(of))
    check(verify(split(run, placed(taken, [used.index(at) for at in of])), (tokens(),)))


@pytest.fixture(scope="module")
def three() -> Split:
    run = traced("export", 3)
    return split(run, after(run.graph, ["h.0", "h.1"]))


def test_segments_are_separate_modules_with_their_own_weights(three: Split) -> None:
    module = gpt(3)
    names = [{name for name, _ in stage.module.named_parameters()} for stage in three.stages]
    assert [stage.inputs for stage in three.stages] == [("tokens",), ("add_2",), ("add_4",)]
    assert names[1] == {f"h.1.{name}" for name, _ in module.h[1].named_parameters()}
    assert set.union(*names) == {name for name, _ in module.named_parameters()}
    tied = three.copies()["wte.weight"]
    assert len(tied) == 2 and torch.equal(tied[0], tied[1]) and tied[0] is not tied[1]
    whole_run = traced("export", 3)
    assert all(p is not q for p in tied for q in whole_run.exported.module.parameters())


def test_the_model_is_left_alone(three: Split) -> None:
    module = three.exported.module
    before = {name: p.clone() for name, p in module.named_parameters()}
    verify(three, (tokens(),))
    assert all(torch.equal(before[name], p) and p.grad is None for name, p in module.named_parameters())


def test_a_tied_weight_can_be_sent_instead() -> None:
    run = traced("export")
    of = after(run.graph, ["h.0"])
    weight = run.graph.find("wte.weight")
    parts = split(run, of, {weight: "sent"})
    assert len(parts.copies()["wte.weight"]) == 1 and len(parts.stages[1].inputs) == 2
    check(verify(parts, (tokens(),)))


def test_a_mask_can_be_sent_instead() -> None:
    torch.manual_seed(0)

    class Shared(nn.Module):
        """One mask for two layers."""

        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 4)

        def forward(self, x: Tensor) -> Tensor:
            mask = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).tril()
            for layer in (self.a, self.b):
                x = layer(x) @ x.transpose(1, 2)
                x = x.masked_fill(~mask, 0.0)
            return x

    sample = torch.randn(2, 4, 4)
    run = trace_module(Shared(), (sample,), mode="export")
    taken = units(run.graph)
    of = placed(taken, [int(unit >= len(taken) // 2) for unit in range(len(taken))])
    for choices, inputs in (({}, 1), ({run.graph.find("tril"): "sent"}, 2)):
        parts = split(run, of, choices)
        assert len(parts.stages[1].inputs) == inputs
        check(verify(parts, (sample,)))


def test_what_ran_without_gradients_still_has_none() -> None:
    class Still(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(3, 3), nn.Linear(3, 3)

        def forward(self, x: Tensor) -> Tensor:
            h = self.a(x)
            with torch.no_grad():
                fixed = self.b(h).sin() + 1
            return h * fixed

    check_every_cut(Still())


def test_what_is_written_without_gradients_keeps_its_own() -> None:
    class Scaling(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(3, 3), nn.Linear(3, 3)

        def forward(self, x: Tensor) -> Tensor:
            with torch.no_grad():
                self.b.weight.mul_(2)
            h = self.a(x) * 1
            with torch.no_grad():
                h.add_(x)
            return self.b(h).sin()

    check_every_cut(Scaling())


def test_several_results_keywords_and_constants() -> None:
    class Several(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(3, 3)
            self.register_buffer("shift", torch.ones(3))

        def forward(self, x: Tensor, *, scale: Tensor) -> dict[str, Any]:
            first = self.fc(x) + self.shift
            return {"first": first, "second": [first.sin() * scale, x], "name": "done"}

    args, kwargs = (torch.randn(2, 3),), {"scale": torch.tensor(2.0)}
    run = trace_module(Several(), args, kwargs, mode="export")
    for cut in range(len(units(run.graph)) - 1):
        parts = split(run, two_sided(run, cut))
        check(verify(parts, args, kwargs))
        assert parts(*args, **kwargs)["name"] == "done"


def test_text_through_the_segments_is_the_models_own() -> None:
    module, start = gpt(2), encode("CAB")
    run = trace_module(module, (start,), mode="export")
    parts = split(run, after(run.graph, ["h.0"]))
    assert torch.equal(generate(parts, start, 8), generate(module, start, 8))
    assert generate(module, start, 8).shape == (1, start.shape[1] + 8)
    with pytest.raises(SegmentError, match="logits of shape"):
        generate(lambda x: x.float(), start, 1)


def test_links_with_fewer_bits(three: Split) -> None:
    errors = {dtype: link_error(three, dtype, (tokens(),)) for dtype in LINKS}
    assert errors["float32"].largest == 0 and errors["float32"].same_choice == 1
    assert 0 < errors["float16"].largest < 1e-2 and errors["float16"].largest < errors["int8"].largest < 0.2
    assert all(error.mean <= error.largest for error in errors.values())
    with pytest.raises(SegmentError, match="No link sends 'int4'"):
        link_error(three, "int4", (tokens(),))


def test_what_arrives_of_a_tensor() -> None:
    x = torch.tensor([-1.0, 0.5, 0.3, 1e9])
    assert as_float16(x)[:2].tolist() == [-1.0, 0.5] and as_float16(x)[3] == 65504
    y = torch.tensor([-2.0, 1.0, 0.0, 0.013])
    assert (as_int8(y) - y).abs().max() <= 2.0 / 127 / 2 + 1e-7
    assert as_int8(torch.zeros(3)).tolist() == [0, 0, 0] and as_int8(torch.arange(3)).tolist() == [0, 1, 2]


def test_what_is_sent_is_contiguous_and_arrives_as_it_was() -> None:
    class Turned(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            y = x.sin().permute(2, 0, 1)
            return y.cos() + y

    sample = torch.randn(2, 3, 4, requires_grad=True)
    run = trace_module(Turned(), (sample,), mode="export")
    parts = split(run, after(run.graph, ["permute"]))
    (sent,) = parts.stages[0].module(sample)
    assert sent.is_contiguous() and sent.shape == (2, 3, 4)
    whole_model = Turned()(sample)
    assert torch.equal(parts(sample), whole_model) and parts(sample).stride() == whole_model.stride()
    assert memory_order(sample.permute(2, 0, 1)) == [1, 2, 0] and memory_order(torch.ones(1).expand(3)) == [0]


def test_a_result_that_is_read_further_on_as_well_is_returned_as_it_is() -> None:
    class Both(nn.Module):
        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            y = x.sin().transpose(0, 1)
            return y, y.cos()

    sample = torch.randn(2, 3, requires_grad=True)
    run = trace_module(Both(), (sample,), mode="export")
    parts = split(run, after(run.graph, ["transpose"]))
    assert [x.shape for x in parts(sample)] == [(3, 2), (3, 2)]
    check(verify(parts, (sample,)))


def test_one_segment_is_the_model() -> None:
    run = traced("export")
    check(verify(split(run, whole(run.graph)), (tokens(),)))


def test_a_planted_difference_is_found(three: Split) -> None:
    run = traced("export", 3)
    parts = split(run, after(run.graph, ["h.0", "h.1"]))
    with torch.no_grad():
        parts.copies()["h.1.mlp.fc.weight"][0][0, 0] += 1e-3
    made = verify(parts, (tokens(),))
    assert not made.outputs_equal and made.output_difference > 0 and made.worst and not made.bit_equal


def test_gradients_of_one_copy_alone_are_not_enough(three: Split) -> None:
    """The embedding is read twice: without adding up, its gradient would be far off."""
    grads = []
    for copy in three.copies()["wte.weight"]:
        (grad,) = torch.autograd.grad(three(tokens()).sum(), copy)
        grads.append(grad)
    assert all(grad.abs().max() > 0 for grad in grads)


def test_what_cannot_be_split_is_refused(three: Split) -> None:
    eager = traced("eager")
    with pytest.raises(SegmentError, match="mode='export'"):
        split(eager, after(eager.graph, ["h.0"]))
    with pytest.raises(SegmentError, match="inputs of the form"):
        three(tokens(), tokens())
    with pytest.raises(SegmentError, match="Segment A cannot run"):
        three(torch.randn(2, 3))


def test_a_llama_block_without_weights_is_cut_on_meta() -> None:
    with torch.device("meta"):
        module, sample = LlamaBlock(LlamaConfig()), torch.randn(2, 5, 32)
        run = trace_module(module, (sample,), mode="export")
        parts = split(run, two_sided(run, 20))
        assert parts(sample).device.type == "meta" and parts(sample).shape == sample.shape
