"""The page as Streamlit runs it: what the sidebar changes, what an error leaves, what is never shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

from explorer import models
from explorer.ui.activities import enter
from explorer.ui.examples import examples
from explorer.ui.session import Session

APP = Path(__file__).resolve().parents[2] / "app.py"


@pytest.fixture
def app() -> Iterator[AppTest]:
    running = AppTest.from_file(str(APP), default_timeout=60).run()
    yield running
    assert not running.exception


def session(app: AppTest) -> Session:
    found: Session = app.session_state["session"]
    return found


def field(kind: Any, key: str) -> Any:
    """The widget that now shows what is kept under ``key``: each value that it did not set itself gets a new one."""
    return next(one for one in kind if re.fullmatch(rf"{re.escape(key)}( \d+)?", one.key or ""))


def html(app: AppTest) -> str:
    """All of the page's own HTML."""
    return "".join(str(element.proto.body) for element in app.get("html"))


def test_the_first_example_is_there_without_a_click(app: AppTest) -> None:
    run = session(app).view.run
    assert (run.value("e"), run.grad("a"), run.grad("b")) == (6, 2, 5)
    assert "How the gradient got here" in html(app) and ", after the pass" in html(app)


def test_a_program_is_typed_and_its_open_names_get_values(app: AppTest) -> None:
    field(app.text_area, "program").input("u = 3x + 2\ny = u^4").run()
    field(app.number_input, "number x").set_value(3.0).run()
    run = session(app).view.run
    assert (run.value("y"), run.grad("x")) == (14641, 15972)


def test_an_edited_input_is_written_into_the_text_and_keeps_its_place(app: AppTest) -> None:
    field(app.number_input, "number a").set_value(4.5).run()
    assert field(app.text_area, "program").value.startswith("a = 4.5\nb = 1\n")
    assert field(app.slider, "slider a 5").value == 4.5
    assert session(app).view.run.value("e") == (4.5 + 1) * 2


def test_an_emptied_number_field_gets_its_number_back(app: AppTest) -> None:
    field(app.number_input, "number a").set_value(None).run()
    assert field(app.number_input, "number a").value == 2 and session(app).document.text.startswith("a = 2\n")


def test_values_survive_a_change_of_the_text(app: AppTest) -> None:
    field(app.text_area, "program").input("y = p * q").run()
    field(app.number_input, "number q").set_value(7.0).run()
    field(app.text_area, "program").input("y = q + r").run()
    assert field(app.number_input, "number q").value == 7.0


def test_an_error_marks_its_line_and_the_last_graph_stays(app: AppTest) -> None:
    field(app.text_area, "program").input("a = 2\ny = a +").run()
    assert "Line 2" in html(app) and "▲" in html(app) and "the last graph" in html(app)
    assert session(app).view.run.value("e") == 6
    field(app.text_area, "program").input("a = 2\ny = a + 1").run()
    assert "▲" not in html(app) and "the last graph" not in html(app)


BAD = (
    "", "y = 1 / 0", "y = log(-1) + a", "y = exp(1000) + a", "y = [1, 2] + [1, 2, 3]", "y = a.b", "import os",
    "__import__('os')", "y = ｘ + 1", "y = " + "(" * 10_000, "a = b\nb = a", "y = <b>a</b>", "x" * 200_000,
    "while 1 > 0:\n    y = a", "x = a\nfor i in range(100000):\n    x = x + 1", "y = $a$ `b`", "y = a > b",
)  # fmt: skip


@pytest.mark.parametrize("text", BAD, ids=lambda text: text[:20])
def test_no_text_breaks_the_page(app: AppTest, text: str) -> None:
    field(app.text_area, "program").input(text).run()
    assert not app.exception
    assert session(app).view.run is not None
    assert "mistake of the app" not in html(app)


def test_what_a_user_types_is_never_markup(app: AppTest) -> None:
    field(app.text_area, "program").input("y = <img src=x onerror=alert(1)> + a").run()
    assert "<img src=x" not in html(app) and "&lt;img" in html(app)


def test_many_steps_come_page_by_page(app: AppTest, capfd: pytest.CaptureFixture[str]) -> None:
    for turns in (120, 60):
        field(app.text_area, "program").input(f"y = x\nfor i in range({turns}):\n    y = y + sin(x)").run()
        assert html(app).count("<tr>") >= 100
    assert len(app.get("pagination")) == 1
    assert "created with a default value" not in capfd.readouterr().err


def test_forward_mode_asks_with_respect_to_which_input(app: AppTest) -> None:
    field(app.segmented_control, "direction").set_value("forward").run()
    assert session(app).view.tangents is not None
    field(app.selectbox, "wrt").set_value("b").run()
    tangents = session(app).view.tangents
    assert tangents is not None and (tangents.wrt, tangents.value("e")) == ("b", 5)


def test_another_output_is_differentiated(app: AppTest) -> None:
    field(app.selectbox, "output").set_value("d").run()
    run = session(app).view.run
    assert (run.output, run.grad("b"), run.grad("a")) == ("d", 1, None)


def test_an_output_with_a_shape_says_that_its_upstream_is_ones(app: AppTest) -> None:
    field(app.text_area, "program").input("v = [1, 2]\ny = 3 * v").run()
    assert "upstream gradient: ones" in html(app)
    assert session(app).view.run.upstream.tolist() == [1, 1]


def test_a_gradient_is_switched_off_and_what_that_prunes_is_said(app: AppTest) -> None:
    field(app.button_group, "requires_grad").set_value(["a"]).run()
    assert session(app).view.run.grad("b") is None
    assert "No gradient flows into d" in html(app)


def test_undo_and_redo(app: AppTest) -> None:
    field(app.text_area, "program").input("y = 1 + a").run()
    app.button(key="undo").click().run()
    assert session(app).view.run.value("e") == 6
    app.button(key="redo").click().run()
    assert field(app.text_area, "program").value == "y = 1 + a"


@pytest.mark.parametrize("slug", [example.slug for example in examples()])
def test_every_example_opens_with_every_tab(app: AppTest, slug: str) -> None:
    next(box for box in app.selectbox if box.label == "Example").set_value(slug).run()
    for tab in ("Steps", "Derivation", "Export"):
        app.session_state["dock"] = tab
        app.run()
        assert session(app).problem is None
        assert not app.exception and "mistake of the app" not in html(app)


def test_a_link_opens_its_program() -> None:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["program"] = "y = a^2"
    app.query_params["inputs"] = '{"a": 5}'
    app.run()
    assert session(app).view.run.value("y") == 25


def test_a_damaged_link_says_so_beside_a_graph() -> None:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["program"] = "y = a^2"
    app.query_params["inputs"] = "{"
    app.run()
    assert "link is damaged" in html(app)
    assert session(app).view.run.value("e") == 6


def test_an_edit_puts_the_program_into_the_address(app: AppTest) -> None:
    assert not app.query_params
    field(app.text_area, "program").input("y = a^2").run()
    assert app.query_params["program"] == "y = a^2"


def test_going_back_in_the_browser_is_undo_and_forth_redo(app: AppTest) -> None:
    field(app.text_area, "program").input("y = a^2").run()
    first = dict(app.query_params)
    field(app.text_area, "program").input("y = a^3").run()
    second = dict(app.query_params)
    visit(app, first)
    assert field(app.text_area, "program").value == "y = a^2" and app.query_params == first
    assert not app.button(key="redo").disabled
    visit(app, second)
    assert field(app.text_area, "program").value == "y = a^3"
    visit(app, {})
    assert session(app).view.run.value("e") == 6 and not app.query_params


def test_a_gesture_that_comes_with_the_address_of_before_undoes_nothing(app: AppTest) -> None:
    field(app.text_area, "program").input("y = a^2").run()
    arrive(app, {})
    assert field(app.text_area, "program").value == "y = a^2"
    app.button(key="undo").click().run()
    assert session(app).view.run.value("e") == 6


def test_an_edit_wins_over_the_address_that_it_came_with(app: AppTest) -> None:
    field(app.text_area, "program").input("y = a^2").run()
    app.run()
    app.query_params.clear()
    field(app.text_area, "program").input("y = a^3").run()
    assert session(app).view.run.value("y") == 8 and "y = a^3" in app.query_params["program"]


def visit(app: AppTest, query: dict[str, Any]) -> None:
    """Back or Forward to an address, of which the canvas tells."""
    app.session_state["back or forward"] = True
    arrive(app, query)


def arrive(app: AppTest, query: dict[str, Any]) -> None:
    """A run with another address, as the browser sends it."""
    app.query_params.clear()
    for key, value in query.items():
        app.query_params[key] = value
    app.run()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"output": "zz"}, "There is no node zz: the output is y."),
        ({"mode": "forward", "wrt": "zz"}, "There is no input zz: a moves."),
        ({"mode": "forward", "wrt": "y"}, "There is no input y: a moves."),
        ({"upstream": "[1, 2]"}, "The upstream gradient does not fit y: it is ones."),
    ],
    ids=str,
)
def test_what_a_link_asks_for_in_vain_is_said(asked: dict[str, str], said: str) -> None:
    app = AppTest.from_file(str(APP), default_timeout=60)
    for key, value in {"program": "y = a * b", **asked}.items():
        app.query_params[key] = value
    app.run()
    assert said in html(app) and not app.exception
    field(app.text_area, "program").input("y = a + b").run()
    assert said not in html(app)


def choose_model(app: AppTest, name: str = "") -> None:
    field(app.segmented_control, "source").set_value("model").run()
    if name:
        field(app.selectbox, "model").set_value(name).run()


def test_a_model_is_set_up_in_the_sidebar(app: AppTest) -> None:
    choose_model(app, "gpt")
    field(app.number_input, "size layers").set_value(1).run()
    field(app.text_input, "prompt").set_value("3 1 4").run()
    field(app.selectbox, "loss").set_value("logit").run()
    field(app.text_input, "logit token").set_value("5").run()
    model = models.load("gpt", layers=1)
    logits = model(torch.tensor([[3, 1, 4]]))
    logits[0, -1, 5].backward()
    run = session(app).view.run
    assert torch.equal(run.grad("ln_f.weight"), model.get_submodule("ln_f").weight.grad)  # type: ignore[arg-type]
    assert "Next token" in html(app) and "Logit lens" in html(app)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("prompt", "1 2 x", "is not a token id"),
        ("size heads", 3, "is not a multiple of heads 3"),
        ("logit token", "99", "not in the vocabulary"),
    ],
)
def test_a_setting_that_does_not_fit_leaves_the_last_graph(app: AppTest, key: str, value: Any, said: str) -> None:
    choose_model(app, "gpt")
    field(app.selectbox, "loss").set_value("logit").run()
    blob = session(app).view.blob
    widget = field(app.number_input, key) if isinstance(value, int) else field(app.text_input, key)
    widget.set_value(value).run()
    assert said in html(app) and session(app).view.blob is blob
    app.button(key="undo").click().run()
    assert said not in html(app)


@pytest.mark.parametrize("node", ["softmax", "wte.weight", "split", "h/1", "tokens", "masked_fill"])
def test_any_node_of_a_model_can_be_looked_into(app: AppTest, node: str) -> None:
    choose_model(app)
    session(app).on_event({"name": "select", "id": node})
    app.run()
    assert session(app).selected == node and "could not be drawn" not in html(app)
    assert ("Attention" in html(app)) == (node == "softmax")


def test_every_shipped_model_is_shown(app: AppTest) -> None:
    for name in models.names():
        choose_model(app, name)
        assert session(app).view.title == name and session(app).problem is None
        assert "could not be drawn" not in html(app)


def test_a_tensor_without_entries_says_so() -> None:
    """GPT-J cuts off what is left of a vector beside its rotated part: nothing."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params.update({"origin": "preset", "model": "gptj"})
    graph = session(app.run()).view.run.graph
    empty = next(id_ for id_, shape in zip(graph.ids, graph.shapes, strict=True) if 0 in shape)
    session(app).on_event({"name": "select", "id": empty})
    assert "This tensor is empty: 1 × " in html(app.run()) and "could not be drawn" not in html(app)


def test_a_model_reads_the_same_wherever_it_is_looked_at() -> None:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params.update({"origin": "preset", "model": "resnet"})
    for activity in ("step", "segment"):
        enter(session(app.run()), activity)
        assert "It reads random numbers" in html(app.run())
        assert not [one for one in app.text_input if one.label == "Tokens"]
