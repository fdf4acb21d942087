"""What the panel says, against the model itself."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.capture.model import trace_module
from explorer.segment.cost import costs
from explorer.segment.cut import after
from explorer.segment.preview import preview
from explorer.segment.traffic import NARROW, traffic, written
from tests.segment.models import BATCH, TOKENS, WIDTH, gpt, traced

CUT = BATCH * TOKENS * WIDTH
"""Numbers in the stream between two blocks."""


def test_three_segments_of_a_gpt() -> None:
    run, module = traced("export", 3), gpt(3)
    graph = run.graph
    of = after(graph, ["h.0", "h.1"])
    made = preview(of, costs(graph))
    block = sum(p.numel() for p in module.h[0].parameters())
    embedding, places = module.wte.weight.numel(), module.wpe.weight.numel()
    norm = sum(p.numel() for p in module.ln_f.parameters())
    assert [c.parameters for c in made.contents] == [embedding + places + block, block, block + norm + embedding]
    assert [c.memory.parameters for c in made.contents] == [4 * c.parameters for c in made.contents]
    assert list(made.links) == [4 * CUT, 4 * CUT]
    assert [[graph.ids[n] for n in c.received] for c in made.contents] == [[], ["add_2"], ["add_4"]]
    assert [[graph.ids[n] for n in c.sent] for c in made.contents] == [["add_2"], ["add_4"], []]
    assert [c.cache for c in made.contents] == [2 * WIDTH * 4 * BATCH] * 3
    assert made.copied == 4 * embedding
    assert sum(c.flops for c in made.contents) == sum(costs(graph).flops)


def test_a_tied_weight_that_is_sent_is_held_once() -> None:
    graph = traced("export").graph
    of = after(graph, ["h.0"])
    weight = graph.find("wte.weight")
    sent = preview(of, costs(graph), {weight: "sent"})
    assert sent.copied == 0 and weight in sent.contents[1].received
    assert sent.links[0] == 4 * CUT + 4 * 27 * WIDTH


def test_links_in_fewer_bits_and_gradients() -> None:
    graph = traced("export").graph
    of = after(graph, ["h.0"])
    across = preview(of, costs(graph)).crossings
    sent = {dtype: traffic(of, across, dtype)[0] for dtype in NARROW}
    assert {dtype: one.prompt for dtype, one in sent.items()} == {
        "float32": 4 * CUT, "float16": 2 * CUT, "int8": CUT + 4,
    }  # fmt: skip
    assert {dtype: one.token for dtype, one in sent.items()} == {
        "float32": 4 * BATCH * WIDTH, "float16": 2 * BATCH * WIDTH, "int8": BATCH * WIDTH + 4,
    }  # fmt: skip
    assert all(one.back == one.prompt and one.step == 2 * one.prompt for one in sent.values())


def test_whole_numbers_are_sent_as_they_are_and_have_no_gradient() -> None:
    graph = traced("export").graph
    of = after(graph, ["wte"])  # the places of the tokens are looked up behind the cut, from the tokens' number
    across = preview(of, costs(graph)).crossings
    numbers = [one for one in across if graph.dtypes[one.node] == "int64" and one.way == "sent"]
    assert [traffic(of, numbers, dtype)[0].back for dtype in NARROW] == [0] * 3
    assert {traffic(of, numbers, dtype)[0].prompt for dtype in NARROW} == {sum(one.bytes for one in numbers)}


def test_where_all_tokens_see_each_other_no_text_is_written() -> None:
    class Both(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return F.scaled_dot_product_attention(x.sin(), x, x).cos()

    graph = trace_module(Both(), (torch.randn(2, 5, 8, requires_grad=True),), mode="export").graph
    of = after(graph, ["sin"])
    assert written(of) is None and traffic(of, preview(of, costs(graph)).crossings)[0].token is None
