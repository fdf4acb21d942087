"""What the canvas gets of training: the update that comes, the curve so far, the plane beside it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.canvas.figures import size
from explorer.canvas.wire import Section
from explorer.run import Run, as_tensor
from explorer.training.history import gradient_norm, losses
from explorer.training.optimisers import OPTIMISERS
from explorer.training.phases import Change, Step
from explorer.training.replay import leaves_by_name
from explorer.training.trainer import Trainer
from explorer.ui.train.picture import Picture
from explorer.ui.view import View

if TYPE_CHECKING:
    from explorer.ui.train.share import Training

FOOT = 26.0
"""Pixels of the update lane below a parameter's card."""
STATE = 18.0
"""Pixels more for what the optimiser remembers."""
MOST_POINTS = 600
"""Places of a curve; of a longer one the least and the greatest of each stretch are drawn."""

STATE_NAMES: Mapping[str, str] = {
    "momentum_buffer": "v",
    "square_avg": "s",
    "exp_avg": "m",
    "exp_avg_sq": "v",
}
"""The letters that the formulas have for what torch's optimisers remember; other parts are not shown."""


def parameters(run: Run, trainer: Trainer) -> list[int]:
    """The nodes that are trained."""
    nodes = leaves_by_name(run.graph)
    return [nodes[name] for name in trainer.objective.names if name in nodes]


def changes(run: Run, update: Step | None) -> list[tuple[int, Change]]:
    """What the update makes of each node that is trained."""
    nodes = leaves_by_name(run.graph)
    found = () if update is None else update.changes
    return [(nodes[change.name], change) for change in found if change.name in nodes]


def foot(trainer: Trainer) -> float:
    """How much room the cards of parameters need below."""
    has_more = trainer.rule.name != "sgd" or trainer.forgets or trainer.clip is not None
    return FOOT + (STATE if has_more else 0.0)


def _feet(trainer: Trainer, view: View) -> list[int]:
    """The cards of parameters that are drawn by themselves."""
    nodes, seen = parameters(view.run, trainer), view.seen
    if seen is None:
        return nodes
    return [seen.node_of[node] for node in nodes if seen.shows[seen.node_of[node]] == node]


def section(training: Training, view: View) -> Section:
    """The header and the columns; without a trainer only why there is none."""
    trainer, moment = training.trainer, training.moment
    problem = "" if training.problem is None else str(training.problem)
    if trainer is None or moment is None:
        return Section({"ready": False, "problem": problem}, {})
    picture = training.picture()
    header = {
        "ready": True,
        "problem": problem,
        "step": training.at,
        "reached": training.reached,
        "playing": training.playing,
        "until": training.until,
        "pending": training.pictures.pending,
        "loss": _number(moment.loss),
        "norm": _number(gradient_norm(moment)),
        "stopped": _stopped(training, view),
        "maximise": trainer.maximise,
        "forgets": trainer.forgets,
        "rule": trainer.rule.name,
        "label": OPTIMISERS[trainer.rule.name].label,
        "settings": trainer.rule.all_settings,
        "foot": foot(trainer),
        "feet": _feet(trainer, view),
        "lanes": _lanes(training, view),
        "kinds": training.pictures.kinds(training),
        "picture": None if picture is None else _about(picture),
    }
    return Section(header, _curves(training) | ({} if picture is None else _plane(picture)))


def _number(value: float) -> float | str:
    """JSON has no infinities."""
    return value if np.isfinite(value) else str(value)


def _stopped(training: Training, view: View) -> Mapping[str, Any] | None:
    """Where numbers stopped being finite, once that step is reached."""
    trainer = training.trainer
    if trainer is None or trainer.stopped is None or training.at < trainer.stopped.step:
        return None
    found, node = trainer.stopped, view.run.graph.index.get(trainer.stopped.node)
    drawn = -1 if node is None else node if view.seen is None else view.seen.node_of[node]
    return {"step": found.step, "node": drawn, "what": found.what, "text": str(found)}


def _lanes(training: Training, view: View) -> list[dict[str, Any]]:
    """One a parameter that is drawn as a card of its own; those in closed groups are summed up by the update alone."""
    seen = view.seen
    found = []
    for node, change in changes(view.run, training.update):
        drawn = node if seen is None else seen.node_of[node]
        if seen is None or seen.shows[drawn] == node:
            found.append({"node": drawn, **_lane(change)})
    return found


def _lane(change: Change) -> dict[str, Any]:
    old, new = as_tensor(change.old), as_tensor(change.new)
    state = {STATE_NAMES[name]: _number(size(value)) for name, value in change.state.items() if name in STATE_NAMES}
    count = change.state.get("step")
    return {
        "old": _number(size(change.old)),
        "new": _number(size(change.new)),
        "change": _number(size(new - old if old.ndim else float(new - old))),
        "before": None if change.before is None else _number(size(change.before)),
        "gradient": None if change.gradient is None else _number(size(change.gradient)),
        "summed": None if change.summed is None else _number(size(change.summed)),
        "used": None if change.used is None else _number(size(change.used)),
        "state": state,
        "count": None if count is None else float(count),
    }


def _curves(training: Training) -> dict[str, NDArray[Any]]:
    """The loss up to the moment that is shown, where the run went from there, and where the one before went."""
    assert training.trainer is not None
    all_ = losses(training.trainer)[: training.reached + 1]
    found: dict[str, NDArray[Any]] = {}
    parts = (
        ("loss", all_, 0, training.at + 1),
        ("later", all_, training.at, len(all_)),
        ("ghost", training.ghost, 0, None),
    )
    for name, values, first, end in parts:
        steps, kept = thinned(values[first:end], first)
        found[f"{name}Steps"], found[f"{name}Values"] = steps, kept
    return found


def thinned(values: NDArray[np.float64], first: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Steps and values of a curve that looks the same in few pixels: the ends, and each stretch's extremes."""
    count = len(values)
    if count <= MOST_POINTS:
        return np.arange(first, first + count, dtype=np.float64), values
    edges = np.linspace(0, count, MOST_POINTS // 2 + 1).astype(int)
    places = {0, count - 1}
    for low, high in pairwise(edges.tolist()):
        part = np.nan_to_num(values[low:high])
        places |= {int(low + part.argmin()), int(low + part.argmax())}
    chosen = np.array(sorted(places))
    return chosen.astype(np.float64) + first, values[chosen]


def _about(picture: Picture) -> Mapping[str, Any]:
    ends = [float(axis[end]) for axis in (picture.xs, picture.ys) for end in (0, -1)]
    return {
        "kind": picture.kind,
        "title": picture.title,
        "names": picture.names,
        "x": ends[:2],
        "y": ends[2:],
        "rows": len(picture.z),
        "columns": len(picture.xs),
        "step": picture.step,
        "classes": picture.points is not None and picture.points.has_classes,
    }


def _plane(picture: Picture) -> dict[str, NDArray[Any]]:
    path = np.zeros((0, 2)) if picture.path is None else _thinned_path(picture.path)
    points = np.zeros((0, 3)) if picture.points is None else picture.points.rows
    places = {name: points[:, place].copy() for name, place in (("pointX", 0), ("pointY", 1), ("pointT", -1))}
    return {
        "plane": shades(picture).astype(np.float32).reshape(-1),
        "pathX": path[:, 0].copy(),
        "pathY": path[:, 1].copy(),
        **places,
    }


def _thinned_path(path: NDArray[np.float64]) -> NDArray[np.float64]:
    """At most so many points, the last ones in full."""
    every = max(1, -(-len(path) // MOST_POINTS))
    return np.concatenate([path[:-1:every], path[-1:]])


def shades(picture: Picture) -> NDArray[np.float64]:
    """What is drawn of a plane: -1 to 1 between classes, 0 to 1 from the lowest loss to the highest, by logarithm.

    A fit stays as it is.
    """
    z = picture.z
    if picture.kind == "fit":
        return z
    if picture.kind == "surface":
        return _heights(z)
    assert picture.points is not None
    classes = int(picture.points.targets.max()) + 1 if picture.points.has_classes else 2
    if classes > 2:
        return z / (classes - 1) * 2 - 1
    return np.tanh((z - picture.middle) * (2 if picture.middle else 0.5))


def _heights(z: NDArray[np.float64]) -> NDArray[np.float64]:
    finite = z[np.isfinite(z)]
    if not finite.size or finite.max() == finite.min():
        return np.where(np.isfinite(z), 0.0, np.nan)
    above = z - finite.min()
    scale = max(float(np.median(finite - finite.min())), 1e-300)
    with np.errstate(invalid="ignore", over="ignore"):
        heights = np.log1p(above / scale) / np.log1p((finite.max() - finite.min()) / scale)
    return np.where(np.isfinite(z), heights, np.nan)
