"""What the panel says, against the model itself."""

from __future__ import annotations

from explorer.segment.cost import costs
from explorer.segment.cut import after
from explorer.segment.preview import gradient_bytes, narrowed, per_token, preview
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
    assert [narrowed(of, across, dtype) for dtype in ("float32", "float16", "int8")] == [
        [4 * CUT],
        [2 * CUT],
        [CUT + 4],
    ]
    assert gradient_bytes(of, across) == [4 * CUT]
    assert per_token(of, across, TOKENS) == [4 * BATCH * WIDTH]
