"""The texts of the panel: a card a segment, a line a link, what was proved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from explorer.export.labels import figure
from explorer.segment.cut import letter
from explorer.segment.integers import Integer
from explorer.segment.preview import Content
from explorer.segment.proof import Proof
from explorer.segment.table import holds
from explorer.segment.traffic import NARROW, Sent, traffic
from explorer.segment.wording import size, time
from explorer.ui.html import Markup, heads, join, tag
from explorer.ui.segment.colours import variables
from explorer.ui.segment.planning import Planning
from explorer.ui.segment.share import Cutting

MOST_LISTED = 8


def head(cutting: Cutting) -> Markup:
    count, total = cutting.segmentation.parts, sum(cutting.preview.links)
    parts = f"{count} segment{'s' * (count > 1)}"
    crossing = f"{size(total)} cross in all" if count > 1 else "nothing is cut yet"
    return tag("div", parts, tag("span", crossing), class_="x-parts-head")


def part(cutting: Cutting, segment: int) -> Markup:
    """What a segment holds and needs, beside the others."""
    contents, planning = cutting.preview.contents, cutting.planning
    one = contents[segment]
    device, seconds = planning.devices()[segment], planning.times().compute[segment]
    name = tag("span", holds(cutting.segmentation, segment))
    title = tag("div", tag("b", letter(segment)), name, _badge(planning), class_="x-part-head")
    need = _need(one, planning.training)
    fault = f"{device.name} has {size(device.memory)}: {size(need - device.memory)} too little."
    return tag(
        "div",
        title,
        _figures(
            ("Parameters", f"{one.parameters:,}", one.parameters, max(c.parameters for c in contents)),
            ("Memory", size(need), need, max(_need(c, planning.training) for c in contents)),
            _flop(one, contents),
        ),
        tag("div", fault, class_="x-fault") if need > device.memory else "",
        tag(
            "details",
            tag("summary", f"{time(seconds)} · memory, inputs, outputs"),
            _more(cutting, one),
            class_="x-part-more",
        ),
        class_="x-part",
        style=variables(segment),
    )


def link(cutting: Cutting, cut: int) -> Markup:
    graph = cutting.graph
    over = [one for one in cutting.preview.crossings if one.way == "sent" and one.source <= cut < one.targets[-1]]
    first = (
        f"{graph.ids[over[0].node]} {_shape(graph.shapes[over[0].node], graph.dtypes[over[0].node])}" if over else ""
    )
    more = f" and {len(over) - 1} more" if len(over) > 1 else ""
    seconds = cutting.planning.times().send[cut]
    named = cutting.cuts.names[cut]
    return tag(
        "div", "↓ ", tag("b", size(cutting.preview.links[cut])), f" {time(seconds)} ", tag("span", f"{first}{more}"),
        tag("span", named) if named else "", class_="x-link", title=", ".join(graph.ids[one.node] for one in over),
    )  # fmt: skip


def formats(planning: Planning, cut: int) -> Markup:
    """Bytes over one link in every number format, and what that does to the output."""
    cutting = planning.cutting
    rows = [
        (dtype, traffic(cutting.segmentation, cutting.preview.crossings, dtype)[cut], _error(planning, dtype))
        for dtype in NARROW
    ]
    table = _table(("sent as", "token", "prompt", "step", "output off by"), (_format(*row) for row in rows))
    note = (
        "Token: one more token of text, with keys and values cached. Prompt: the batch as traced. Step: forward and "
        "gradient. Off by: the largest difference as a share of the largest output, all links sending so."
    )
    return join(table, tag("div", note, class_="x-caption"))


def integer(one: Integer) -> Markup:
    """How the segments come by a size that several of them read."""
    readers = ", ".join(map(letter, one.read))
    return tag("div", tag("b", one.name), f" ({one.size}) is read in {readers}: {one.why}.", class_="x-shared")


def proof(planning: Planning) -> Markup:
    """What was checked, line by line."""
    job = planning.proof
    assert job is not None
    if job.problem:
        return tag("div", f"Parity could not be checked. {job.problem}", class_="x-problem")
    lines = list(_lines(job.found)) if job.found is not None else []
    if job.is_stopped and (job.found is None or job.found.fresh is None):
        lines.append("Stopped before all was checked.")
    return tag("div", *(tag("div", line) for line in lines), class_="x-shared")


def _lines(found: Proof) -> Iterable[str]:
    for made, which in ((found.traced, "Traced input"), (found.fresh, "Fresh input")):
        if made is not None:
            shapes = ", ".join(" × ".join(map(str, shape)) or "a number" for shape in made.shapes)
            yield f"{which} ({shapes}): {_equal('outputs', made.outputs_equal, made.output_difference)}, " + _equal(
                "gradients", made.gradients_equal, made.gradient_difference, made.worst
            )
    if found.written is not None:
        same = "the same from the whole model" if found.written == found.asked else f"{found.written} the same"
        yield f"Text: {found.asked} tokens through the segments, {same}."


def _equal(what: str, equal: bool, difference: float, worst: str = "") -> str:
    if equal:
        return f"{what} bit-equal"
    where = f" in {worst}" if worst else ""
    return f"{what} up to {figure(difference, 2)} apart{where}"


def _badge(planning: Planning) -> Markup:
    """Parity is claimed only for what was checked."""
    job = planning.proof
    if planning.unproved or planning.cutting.segmentation.parts < 2:
        return Markup("")
    if job is None or not job.is_done or job.found is None or job.found.fresh is None or job.problem:
        return tag("span", "not checked" if job is not None and job.is_done else "being checked", class_="x-badge")
    found = job.found
    if found.bit_equal:
        return tag("span", "✓ bit-equal", class_="x-badge x-good")
    made = found.traced
    if made is not None and made.outputs_equal and found.fresh is not None and found.fresh.outputs_equal:
        return tag("span", "✓ outputs bit-equal", class_="x-badge x-good")
    return tag("span", "differs", class_="x-badge x-bad")


def _need(one: Content, training: bool) -> int:
    """Bytes of weights and the most activations at once; in training with the gradients of the parameters."""
    memory = one.memory
    return memory.weights + (memory.gradients + memory.training if training else memory.inference)


def _flop(one: Content, contents: Sequence[Content]) -> tuple[str, str, float, float]:
    most = max(c.flops for c in contents)
    units = ((1e12, "TFLOP"), (1e9, "GFLOP"), (1e6, "MFLOP"), (1e3, "kFLOP"))
    unit, name = next((one for one in units if most >= one[0]), (1.0, "FLOP"))
    return name, f"{one.flops / unit:,.3g}", one.flops, most


def _figures(*cells: tuple[str, str, float, float]) -> Markup:
    return tag(
        "div",
        *(
            tag(
                "div",
                name,
                tag("b", text),
                tag("div", tag("i", style=f"width:{100 * value / most if most else 0:.1f}%"), class_="x-track"),
            )
            for name, text, value, most in cells
        ),
        class_="x-triple",
    )


def _more(cutting: Cutting, one: Content) -> Markup:
    memory, graph = one.memory, cutting.graph
    rows = [
        ("Weights", size(memory.weights)),
        ("Activations at most, inference", size(memory.inference)),
        ("Activations at most, training", size(memory.training)),
        ("Gradients of parameters", size(memory.gradients)),
        ("Cache of keys and values, a token", size(one.cache) if one.cache else "none"),
    ]
    ends = [("in", node) for node in (*one.given, *one.received)]
    ends += [("out", node) for node in dict.fromkeys((*one.sent, *one.results))]
    listed = [(f"{way} {graph.ids[node]}", _shape(graph.shapes[node], graph.dtypes[node])) for way, node in ends]
    left = len(listed) - MOST_LISTED
    listed = [*listed[:MOST_LISTED], *([("and more", f"{left}")] if left > 0 else [])]
    return _table((), [*rows, *listed])


def _format(dtype: str, sent: Sent, error: str) -> Sequence[str]:
    return dtype, "—" if sent.token is None else size(sent.token), size(sent.prompt), size(sent.step), error


def _error(planning: Planning, dtype: str) -> str:
    """Measured; what was not is said to be so."""
    job = planning.proof
    if dtype == "float32":
        return "0"
    if planning.unproved:
        return "needs numbers"
    found = None if job is None or job.found is None else job.found.errors.get(dtype)
    return "not yet" if found is None else f"{100 * found.largest:.2g} %"


def _shape(shape: Sequence[int], dtype: str) -> str:
    return f"[{', '.join(map(str, shape))}] {dtype}"


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    top = [heads(*names)] if names else []
    return tag(
        "table", *top, *(tag("tr", *(tag("td", cell) for cell in row)) for row in rows), class_="x-table x-close"
    )
