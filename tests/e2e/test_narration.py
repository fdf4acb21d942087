"""The typeset line of a step: it says what the run holds, written as Python writes it, and stays on one line."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from playwright.sync_api import Browser, Page, Route, expect

import explorer
from explorer.canvas.wire import encode
from explorer.export.cards import box
from explorer.layout import arrange
from explorer.ops import OPS
from explorer.ops.names import name, number
from explorer.ops.typeset import fill
from explorer.run import Run, Tangents
from explorer.ui.examples import examples
from tests.e2e.canvas import Canvas
from tests.e2e.server import ROOT

FRONTEND = ROOT / "explorer" / "canvas" / "frontend"
ORIGIN = "http://canvas.test"
TYPES = {".js": "text/javascript", ".css": "text/css"}

TWO_PATHS = "c = a + b\nd = b + 1\ne = c * d"
DESCRIBE = """async (bytes) => {
  const { decode } = await import("/wire.js");
  const { describe } = await import("/describe.js");
  const { plain } = await import("/mathml.js");
  const trace = decode(new Uint8Array(bytes));
  return Array.from({ length: trace.moments.count + 1 }, (_, position) => {
    const { cells, ...rest } = describe(trace, position);
    return { ...rest, cells: cells.map(({ term, note, part }) => [plain(term), note, part]) };
  });
}"""

ROWS_OF_TERMS = """line => {
  const shown = [...line.querySelectorAll(".xp-term")].filter((term) => term.offsetParent !== null);
  return new Set(shown.map((term) => term.offsetTop)).size;
}"""


def _serve(route: Route) -> None:
    file = FRONTEND / route.request.url.removeprefix(f"{ORIGIN}/")
    body = file.read_bytes() if file.is_file() else b"<!doctype html><body></body>"
    route.fulfill(body=body, content_type=TYPES.get(file.suffix, "text/html"))


@pytest.fixture(scope="module")
def modules(browser: Browser) -> Iterator[Page]:
    """A bare page that the canvas's modules can be imported on."""
    page = browser.new_page()
    page.route(f"{ORIGIN}/**", _serve)
    page.goto(f"{ORIGIN}/")
    yield page
    page.close()


def _blob(run: Run, tangents: Tangents | None = None) -> list[int]:
    boxes = [box(run.graph, index, "lr") for index in range(len(run.graph))]
    return list(encode(run, arrange(run.graph, boxes), boxes, rev=1, title="", tangents=tangents))


def _told(modules: Page, run: Run, tangents: Tangents | None = None) -> list[dict[str, Any]]:
    """What the narration says at every position."""
    told: list[dict[str, Any]] = modules.evaluate(DESCRIBE, _blob(run, tangents))
    return told


def _line(step: dict[str, Any]) -> str:
    return re.sub(r"\s+", "", "".join(term for term, _, _ in step["cells"]))


def test_the_second_path_is_added_to_the_first(modules: Page) -> None:
    step = _told(modules, explorer.trace(TWO_PATHS, a=2.0, b=1.0))[12]
    assert [(re.sub(r"\s", "", term), note) for term, note, _ in step["cells"]] == [
        ("∂e/∂b", "running sum"), ("←", ""), ("3", "by way of d"), ("+", ""), ("∂e/∂c", "upstream"), ("·", ""),
        ("∂c/∂b", "local"), ("=", ""), ("3+2×1", "numbers put in"), ("=", ""), ("5", ""),
    ]  # fmt: skip
    assert (step["title"], step["place"], step["role"]) == ("Add, backward", "line 1", "gradient")


def test_values_the_seed_and_the_start_are_told(modules: Page) -> None:
    told = _told(modules, explorer.trace(TWO_PATHS, a=2.0, b=1.0))
    lines = [_line(step) for step in told]
    assert lines[1:7] == ["a=2", "b=1", "c=a+b=2+1=3", "1", "d=b+1=1+1=2", "e=c·d=3·2=6"]
    assert lines[7:10] == ["∂e/∂e=1", "∂e/∂c=∂e/∂e·∂e/∂c=1×2=2", "∂e/∂d=∂e/∂e·∂e/∂d=1×3=3"]
    assert [told[step]["cells"][0][1] for step in (8, 9)] == ["gradient", "gradient"]
    assert told[7]["sentence"] == "e with respect to itself is 1."
    assert told[0]["sentence"] == "First the values, then the gradients, from e back to the inputs."


def test_it_is_an_equation_only_where_nothing_more_arrives(modules: Page) -> None:
    step = _told(modules, explorer.trace(TWO_PATHS, a=2.0, b=1.0))[10]
    assert _line(step) == "∂e/∂b←∂e/∂d·∂d/∂b=3×1=3"
    assert step["cells"][0][1] == "running sum so far"
    three = _told(modules, explorer.trace("y = x + x + x", x=1.0))
    notes = [step["cells"][0][1] for step in three if _line(step).startswith("∂y/∂x")]
    assert notes == ["running sum so far", "running sum so far", "running sum"]


def test_what_is_differentiated_where_it_is_not_the_output(modules: Page) -> None:
    """As in the inspector and the derivation: the entries' sum is called L."""
    told = _told(modules, explorer.trace("y = x^2", x=[1.0, 2.0, 3.0]))
    assert _line(told[4]).startswith("∂L/∂y‖·‖=")
    assert told[4]["cells"][0][1] == "upstream"
    assert told[4]["sentence"] == "L is the sum of y's entries, each times its upstream gradient."
    assert _line(told[5]).startswith("∂L/∂x=∂L/∂y·2·x‖·‖=")
    doubled = explorer.trace("L = a * a", a=3.0, upstream=2.0)
    assert _line(_told(modules, doubled)[3]) == "∂J/∂L=2"


def test_forward_mode_tells_total_derivatives(modules: Page) -> None:
    run = explorer.trace(TWO_PATHS, a=2.0, b=1.0)
    told = _told(modules, run, run.tangents("b"))
    assert [_line(step) for step in told[7:]] == [
        "db/db=1", "dc/db=db/db·∂c/∂b=1×1=1", "dd/db=db/db·∂d/∂b=1×1=1", "de/db←dc/db·∂e/∂c=1×2=2",
        "de/db←2+dd/db·∂e/∂d=2+1×3=5",
    ]  # fmt: skip


def test_negative_numbers_stand_in_parentheses(modules: Page) -> None:
    told = _told(modules, explorer.trace("y = a * b - b", a=-2.0, b=-3.5))
    assert "v₁=a·b=−2·(−3.5)=7" in [_line(step) for step in told]
    assert _line(told[-1]) == "∂y/∂b←−1+∂y/∂v₁·∂v₁/∂b=−1+1×(−2)=−3"


def test_the_way_is_named_in_letters(modules: Page) -> None:
    step = _told(modules, explorer.trace("y = a * b * (b + 1)", a=2.0, b=3.0))[-1]
    assert "by way of v₂" in [note for _, note, _ in step["cells"]]


def test_both_slots_of_one_node_are_told_apart(modules: Page) -> None:
    told = _told(modules, explorer.trace("y = x * x", x=3.0))
    notes = [[note for _, note, _ in step["cells"] if note.startswith("local")] for step in told[4:]]
    assert notes == [["local, slot 1"], ["local, slot 2"]]
    assert _line(told[-1]).endswith("=3+1×3=6")


def test_tensors_are_told_by_their_products_and_norms(modules: Page) -> None:
    run = explorer.trace("h = W @ x\ny = sum(h)", W=[[1.0, 2.0], [3.0, 4.0]], x=[1.0, -1.0])
    told = _told(modules, run)
    by_line = {_line(step): step for step in told}
    grad = run.grad("W")
    assert grad is not None
    assert f"∂y/∂W=∂y/∂hx^⊤‖·‖={number(float(grad.norm()))}" in by_line
    assert "h=Wx=[−1,−1]" in by_line
    assert told[-1]["cells"][-1][1] == "norm, shape [2]"


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.slug)
def test_what_is_told_of_every_example_is_what_its_run_holds(modules: Page, example: Any) -> None:
    """The result of every step, and the arithmetic in it, against the run's own numbers."""
    run = explorer.trace(example.program, inputs=dict(example.inputs))
    told = iter(_told(modules, run)[1:])
    for step in run.steps:
        if step.phase == "forward":
            _check_value(run, step.node, next(told))
        else:
            if step.node == run.output:
                next(told)
            for arrival in step.arrivals:
                _check_arrival(arrival, next(told))
    assert next(told, None) is None


def _check_value(run: Run, node: str, step: dict[str, Any]) -> None:
    value = run.value(run.graph.index[node])
    assert value is not None
    shown = step["cells"][-1][0]
    if value.dtype == torch.bool:
        assert shown == ("true" if value else "false")
    elif value.ndim == 0:
        assert shown == number(float(value))
    elif not shown.startswith("["):
        assert shown == number(float(value.norm()))
    assert (step["role"] == "error") == (not bool(value.double().isfinite().all()))


def _check_arrival(arrival: Any, step: dict[str, Any]) -> None:
    shown = step["cells"][-1][0]
    size = arrival.after if isinstance(arrival.after, float) else float(arrival.after.norm())
    assert shown == number(size)
    for term, note, _ in step["cells"]:
        if note == "numbers put in" and math.isfinite(size):
            assert _evaluated(term) == pytest.approx(size, rel=1e-4, abs=1e-4)


def _evaluated(term: str) -> float:
    """The value of `3 + 2 × (−1)`."""
    value = explorer.trace("y = " + term.replace("×", "*").replace("−", "-")).value("y")
    assert value is not None
    return float(value)


def test_formulas_are_filled_as_in_python(modules: Page) -> None:
    """Every formula, derivative and contribution of the table, with names, numbers and formulas put in."""
    draw = random.Random(1)
    cases: list[tuple[Any, dict[str, Any]]] = []
    for op in OPS.values():
        for tree in (op.formula, *op.locals, *op.vjp):
            cases.append((tree, {"x0": name("w_1"), "x1": 2.0, "x2": -1.0, "y": name("y"), "g": name("g")}))
            for _ in range(6):
                cases.append((tree, {slot: _filling(draw) for slot in ("x0", "x1", "x2", "y", "g", "i")}))
    filled = modules.evaluate(
        """async (cases) => {
          const { fill } = await import("/mathml.js");
          return cases.map(([tree, values]) => fill(tree, values));
        }""",
        cases,
    )
    for (tree, values), shown in zip(cases, filled, strict=True):
        assert shown == fill(tree, values), (tree, values)


def _filling(draw: random.Random) -> Any:
    return draw.choice(
        [
            name(draw.choice(["a", "w_1", "loss"])),
            draw.choice([-1.0, 1.0]) * 10 ** draw.uniform(-9, 9),
            ["mrow", name("a"), ["mo", draw.choice("+−·×")], name("b")],
            ["mfrac", ["mrow", ["mo", "∂"], name("L")], ["mrow", ["mo", "∂"], name("w")]],
        ]
    )


def test_names_and_numbers_are_written_as_in_python(modules: Page) -> None:
    names = ["a", "w1", "w_1", "W_out", "alpha", "alpha_2", "loss", "x12y", "a_b_c", "Omega", "_x", "x_", "λ", "b2_1"]
    names += ["learning_rate", "alpha_of_the_first_layer", "x_alpha", "v_12345", "h12345", "w1abc", "w_1_2"]
    draw = random.Random(2)
    numbers = [draw.choice([-1, 1]) * 10 ** draw.uniform(-12, 12) for _ in range(2000)]
    numbers += [14641.0, -1234567.0, 123456789.0, 1234567890.0, 3e6, 1e21, 1.2e22, 123456789.5]
    numbers += [0.0, -0.0, 1.0, 15972.0, 1e6, 999999.5, 1e5, 1e-4, 1e-5, 5e-324, 1.7976931348623157e308]
    shown = modules.evaluate(
        """async ([names, numbers]) => {
          const { name } = await import("/mathml.js");
          const { number } = await import("/format.js");
          return [names.map(name), [...numbers, NaN, Infinity, -Infinity].map((x) => number(x)),
            numbers.map((x) => number(x, 4))];
        }""",
        [names, numbers],
    )
    assert shown[2] == [number(x, 4) for x in numbers]
    assert shown[0] == [name(each) for each in names]
    assert shown[1] == [number(x) for x in [*numbers, math.nan, math.inf, -math.inf]]


def test_names_are_text_and_never_markup(modules: Page) -> None:
    hostile = "<img src=x onerror=document.title='owned'>"
    run = explorer.trace("y = a + b", a=1.0, b=2.0)
    modules.evaluate(
        """async ([bytes, names]) => {
          const { decode } = await import("/wire.js");
          const { createNarration } = await import("/narration.js");
          const trace = { ...decode(new Uint8Array(bytes)) };
          trace.nodes.name = names;
          const narration = createNarration();
          document.body.append(narration.element);
          const all = new Set(["trace", "position"]);
          for (let position = 0; position <= trace.moments.count; position++) {
            narration.update({ trace, position }, all);
          }
        }""",
        [_blob(run), [hostile, hostile, hostile]],
    )
    expect(modules.locator("body")).to_contain_text("<img")
    assert modules.locator("img").count() == 0
    assert modules.title() != "owned"


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_the_line_never_wraps_nor_runs_out_of_its_frame(open_page: Any, width: int) -> None:
    canvas: Canvas = open_page(width=width, height=900)
    line, frame = (canvas.root.locator(selector) for selector in (".xp-line", ".xp-line-frame"))
    canvas.press("Home")
    for step in range(1, canvas.steps + 1):
        canvas.press("ArrowRight").wait(step=step).settle()
        inner, outer = line.bounding_box(), frame.bounding_box()
        assert inner is not None and outer is not None
        assert inner["width"] <= outer["width"] + 1, step
        assert line.evaluate(ROWS_OF_TERMS) == 1


def test_the_whole_line_is_shown_beside_sidebar_and_inspector(canvas: Canvas) -> None:
    """At 1440 wide nothing of the first example's last step is left out."""
    canvas.press("End").wait(step=canvas.steps).settle()
    shown = canvas.root.locator(".xp-note:visible").all_inner_texts()
    named = [note for note in shown if note]
    assert named == ["running sum", "by way of d", "upstream", "local", "numbers put in"]


def test_the_hover_card_stands_beside_its_node(canvas: Canvas) -> None:
    """It shows what is known by now, follows the steps, and covers neither the node nor the stage's border."""
    card = canvas.root.get_by_role("tooltip")
    canvas.press("b").wait(step=6).hover("b")
    expect(card).to_contain_text("Value1")
    expect(card).to_contain_text("not yet")
    canvas.press("End").wait(step=12)
    expect(card).to_contain_text("∂e∂b5")
    box, stage = card.bounding_box(), canvas.root.locator(".xp-stage").bounding_box()
    assert box is not None and stage is not None
    x, y = canvas.position("b")
    assert not (box["x"] <= x <= box["x"] + box["width"] and box["y"] <= y <= box["y"] + box["height"])
    assert stage["x"] <= box["x"] and box["x"] + box["width"] <= stage["x"] + stage["width"]
    assert stage["y"] <= box["y"] and box["y"] + box["height"] <= stage["y"] + stage["height"]
    canvas.hover("e")
    expect(card).to_contain_text("Formulae=c·d")
    canvas.page.mouse.move(stage["x"] + 5, stage["y"] + stage["height"] - 5)
    expect(card).to_be_hidden()
