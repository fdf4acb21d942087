"""Training as a session keeps it: what the canvas is told equals torch's own loop, and nothing is lost on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from explorer.canvas.wire import decode
from explorer.training.data import Points, two_moons
from explorer.training.fitted import Fitted
from explorer.training.networks import network
from explorer.training.optimisers import Rule
from explorer.training.threads import few_threads
from explorer.training.trainer import Clip
from explorer.ui.activities import enter
from explorer.ui.document import Document
from explorer.ui.model import fresh
from explorer.ui.session import Session
from explorer.ui.train.section import thinned
from explorer.ui.train.setup import Setup
from explorer.ui.train.share import Training

LINE = "y = w * x + b\nL = mean((y - t)^2)"
X, T = [-1.0, 0.0, 1.0, 2.0], [0.0, 1.0, 1.5, 3.0]


def training(text: str = LINE, **values: Any) -> tuple[Session, Training]:
    session = Session(Document(text, values or {"w": -0.35, "b": 2.0, "x": X, "t": T}))
    enter(session, "train")
    found = session.shares["train"]
    assert isinstance(found, Training)
    return session, found


def moons() -> tuple[Session, Training]:
    points = two_moons(20)
    made = network(points, hidden=3)
    start = {name: value.tolist() if isinstance(value, torch.Tensor) else value for name, value in made.start.items()}
    return training(made.text, **start, **Fitted("X", "t").write(points, {}))


def told(session: Session) -> dict[str, Any]:
    return decode(session.view.blob)


def lane(session: Session, name: str) -> dict[str, Any]:
    trace = told(session)
    node = trace["nodes"]["id"].index(name)
    return next(each for each in trace["train"]["lanes"] if each["node"] == node)


def ask(session: Session, do: str, **more: Any) -> None:
    session.on_event({"name": "train", "do": do, "rev": session.view.rev, **more})


def by_torch(steps: int, make: Any, before: Any = None) -> list[dict[str, float]]:
    w, b = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (-0.35, 2.0))
    x, t = torch.tensor(X, dtype=torch.float64), torch.tensor(T, dtype=torch.float64)
    optimiser, path = make([w, b]), [{"w": w.item(), "b": b.item()}]
    for _ in range(steps):
        optimiser.zero_grad()
        ((w * x + b - t) ** 2).mean().backward()
        if before is not None:
            before([w, b])
        optimiser.step()
        path.append({"w": w.item(), "b": b.item()})
    return path


def test_the_update_lane_has_torchs_numbers_before_and_after_every_step() -> None:
    session, found = training()
    path = by_torch(6, lambda leaves: torch.optim.SGD(leaves, lr=0.1))
    for step in range(5):
        for name in ("w", "b"):
            told_lane = lane(session, name)
            assert (told_lane["old"], told_lane["new"]) == (path[step][name], path[step + 1][name])
            assert told_lane["change"] == path[step + 1][name] - path[step][name]
        ask(session, "step", n=1)
        assert found.at == step + 1


def test_the_last_moments_are_one_update_a_parameter() -> None:
    session, _ = training()
    trace = told(session)
    moments, ids = trace["moments"], trace["nodes"]["id"]
    updates = range(moments["second"], moments["count"])
    assert [moments["phase"][m] for m in updates] == [4, 4]
    assert {ids[moments["node"][m]] for m in updates} == {"w", "b"}
    assert moments["zero"] == 1 and moments["phase"][0] == 0
    for m in updates:
        name = ids[moments["node"][m]]
        assert (moments["before"][m], moments["after"][m]) == (lane(session, name)["old"], lane(session, name)["new"])


def test_an_optimiser_shows_what_it_remembers_and_clipping_what_it_took() -> None:
    session, found = training()
    found.change(Setup(rule=Rule("adam", {"lr": 0.05}), clip=Clip("norm", 0.5)))
    ask(session, "step", n=3)
    clip = lambda leaves: torch.nn.utils.clip_grad_norm_(leaves, 0.5)  # noqa: E731
    holder: list[Any] = []
    path = by_torch(4, lambda leaves: holder.append(torch.optim.Adam(leaves, lr=0.05)) or holder[0], clip)
    assert lane(session, "w")["new"] == path[4]["w"]
    state = next(iter(holder[0].state.values()))
    assert lane(session, "w")["state"] == {"m": state["exp_avg"].item(), "v": state["exp_avg_sq"].item()}
    assert abs(lane(session, "w")["used"]) < abs(lane(session, "w")["gradient"])


def test_forgotten_gradients_add_up_on_the_card() -> None:
    session, found = training()
    ask(session, "step", n=1)
    found.change(Setup(forgets=True))
    told_lane = lane(session, "w")
    assert told_lane["summed"] == told_lane["before"] + told_lane["gradient"]


def test_going_back_keeps_what_came_after_until_a_setting_changes() -> None:
    session, found = training()
    ask(session, "step", n=8)
    ask(session, "show", n=3)
    assert (found.at, found.reached) == (3, 8)
    assert told(session)["train"]["laterValues"].tolist() == [m.loss for m in found.trainer.moments[3:9]]  # type: ignore[union-attr]
    later = [m.loss for m in found.trainer.moments[:9]]  # type: ignore[union-attr]
    found.change(Setup(rule=Rule("sgd", {"lr": 0.01})))
    assert (found.at, found.reached) == (3, 3)
    assert told(session)["train"]["ghostValues"].tolist() == later


def test_reset_and_the_same_settings_give_the_same_run() -> None:
    session, found = training()
    ask(session, "step", n=8)
    before = [m.loss for m in found.trainer.moments[:9]]  # type: ignore[union-attr]
    ask(session, "reset")
    assert found.at == 0 and session.view.run.value("w") == -0.35
    ask(session, "step", n=8)
    assert [m.loss for m in found.trainer.moments[:9]] == before  # type: ignore[union-attr]


def test_playing_is_asked_for_and_ends_where_it_was_told() -> None:
    session, found = training()
    ask(session, "play", n=5)
    for _ in range(20):
        ask(session, "more", n=2)
    assert found.at == 5 and not found.playing and session.is_behind


def test_a_question_that_was_answered_is_not_answered_again() -> None:
    session, found = training()
    ask(session, "play")
    event = {"name": "train", "do": "more", "n": 1, "rev": session.view.rev}
    session.on_event(event)
    session.on_event(event)
    assert found.at == 1


def test_divergence_stops_where_it_arose_and_says_so() -> None:
    session, found = training("u = w * w\nL = u * u", w=3.0)
    found.change(Setup(rule=Rule("sgd", {"lr": 1.0})))
    ask(session, "play")
    for _ in range(30):
        ask(session, "more", n=5)
    train = told(session)["train"]
    assert not found.playing and found.stopped
    assert train["stopped"]["step"] == found.at and "'u'" in train["stopped"]["text"]
    assert session.view.run.nonfinite == "u"
    assert np.isfinite([m.loss for m in found.trainer.moments[: found.at]]).all()  # type: ignore[union-attr]
    ask(session, "show", n=found.at - 1)
    assert told(session)["train"]["stopped"] is None


def test_what_cannot_be_trained_says_why_and_the_graph_stays() -> None:
    session, found = training("y = a * [1, 2]", a=1.0)
    assert found.trainer is None and "one number" in str(found.problem)
    assert told(session)["train"] == {"ready": False, "problem": str(found.problem)}
    assert session.view.run.output == "y"


def test_stepping_shows_the_documents_own_numbers_again() -> None:
    session, _ = training()
    ask(session, "step", n=4)
    enter(session, "step")
    assert session.view.run.value("w") == -0.35 and "train" not in told(session)
    enter(session, "train")
    assert session.view.run.value("w") != -0.35


def test_parameters_are_written_into_the_program_and_undone() -> None:
    session, found = training()
    ask(session, "step", n=4)
    value = float(session.view.run.value("w"))  # type: ignore[arg-type]
    found.keep()
    assert session.document.values["w"] == value and found.at == 0
    session.undo()
    assert session.document.values["w"] == -0.35


def test_a_moved_point_goes_on_from_where_training_is() -> None:
    session, found = moons()
    ask(session, "step", n=5)
    weights = found.moment.values.copy()  # type: ignore[union-attr]
    ask(session, "point", what="move", index=0, x=2.0, y=-1.0, final=True)
    assert session.document.values["X"][0] == [2.0, -1.0]
    assert np.array_equal(found.moment.values, weights) and found.at == 0  # type: ignore[union-attr]
    ask(session, "point", what="add", x=0.0, y=0.5, target=1)
    assert len(session.document.values["t"]) == 21 and session.document.values["t"][-1] == 1
    ask(session, "point", what="remove", index=20)
    assert len(session.document.values["t"]) == 20
    ask(session, "reset")
    assert session.view.run.value("b2") == session.document.values["b2"]


def test_the_boundary_and_the_surface_come_with_the_trace() -> None:
    session, found = moons()
    train = told(session)["train"]
    assert train["kinds"] == ["boundary", "surface"] and train["picture"]["kind"] == "boundary"
    assert np.isfinite(train["plane"]).all() and len(train["pointX"]) == 20
    ask(session, "picture", kind="surface")
    for _ in range(200):
        if not told(session)["train"]["pending"]:
            break
        ask(session, "more")
    picture = found.picture()
    assert picture is not None and found.trainer is not None
    row, column = 7, 30
    values = found.trainer.moments[0].values.copy()
    values[0], values[1] = picture.xs[column], picture.ys[row]
    assert picture.z[row, column] == found.trainer.objective.loss(values)


@pytest.mark.parametrize("name", ["mlp", "gpt-sort"])
def test_a_model_is_trained_as_torch_does(name: str) -> None:
    session = Session(Document("y = a", {"a": 1.0}, model=fresh(name)))
    enter(session, "train")
    found = session.shares["train"]
    assert isinstance(found, Training) and found.trainer is not None and session.view.model is not None
    traced = session.view.model
    model, args, loss = traced.model, traced.reading.args, traced.loss
    parameters = {name: p.detach().clone().requires_grad_() for name, p in model.named_parameters()}
    optimiser = torch.optim.SGD(parameters.values(), lr=0.1)
    with few_threads(0):  # Sums are split between threads: as many for both.
        for _ in range(3):
            optimiser.zero_grad()
            loss(torch.func.functional_call(model, parameters, args)).backward()
            optimiser.step()
    ask(session, "step", n=3)
    now = found.trainer.objective.layout.unpack(found.trainer.moments[3].values)
    assert all(torch.equal(torch.as_tensor(now[name]), p.detach()) for name, p in parameters.items())


def test_a_drawn_start_comes_from_its_seed() -> None:
    _, found = training()
    found.change(Setup(seed=3))
    first = found.moment.values.copy()  # type: ignore[union-attr]
    found.change(Setup(seed=4))
    assert not np.array_equal(found.moment.values, first)  # type: ignore[union-attr]
    found.change(Setup(seed=3))
    assert np.array_equal(found.moment.values, first)  # type: ignore[union-attr]


def test_a_bound_is_told_where_plain_descent_has_one() -> None:
    _, found = training("L = 2 * w * w", w=1.0)
    assert found.largest_rate() == pytest.approx(0.5, rel=1e-6)
    found.change(Setup(rule=Rule("adam")))
    assert found.largest_rate() is None


def test_a_thinned_curve_keeps_its_ends_and_extremes() -> None:
    values = np.random.default_rng(1).normal(size=5_000)
    values[1234], values[4321] = 50.0, -50.0
    steps, kept = thinned(values, first=10)
    assert len(kept) < 700 and {50.0, -50.0, values[0], values[-1]} <= set(kept)
    assert np.array_equal(values[(steps - 10).astype(int)], kept)


def test_points_of_a_program_can_be_downloaded() -> None:
    _, found = moons()
    assert isinstance(found.points, Points) and found.points.has_classes and len(found.points.rows) == 20
