"""What training keeps for a session: the trainer, the moment that is shown, and what the canvas asks of them.

The trainer is always one step ahead of the moment that is shown, so that its update is there to be looked at. Going
back forgets nothing until a setting is changed; what had come after is then the ``ghost`` of the run before.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor

from explorer.canvas.figures import size
from explorer.canvas.moments import Update
from explorer.canvas.wire import Section
from explorer.errors import DataError, ExplorerError
from explorer.export.placing import groups_of
from explorer.layout import Placement
from explorer.run import Number, Run, as_tensor
from explorer.training.data import Points
from explorer.training.history import losses
from explorer.training.phases import Step, phases
from explorer.training.rules import Column
from explorer.training.sharpness import largest_rate
from explorer.training.threads import few_threads
from explorer.training.trainer import Moment, Trainer
from explorer.ui.document import Document
from explorer.ui.session import Session
from explorer.ui.train import events, section
from explorer.ui.train.picture import Picture, Pictures
from explorer.ui.train.setup import Material, Setup, material, objective, start
from explorer.ui.view import View

BUDGET = 0.015
"""Seconds that steps may take between two pictures; one step is always taken."""

MOST_SHARP = 120
"""Of so many numbers the curvature is computed beside all else: two gradients for each."""

MOST_KEPT = 400_000_000
"""Bytes of history: training stops there, with nothing lost."""


class Training:
    """``at`` is the step that is shown, ``reached`` the farthest so far; ``until`` is where playing ends, if anywhere.

    ``problem`` says why there is no trainer, or why no step follows.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.setup = Setup()
        self.trainer: Trainer | None = None
        self.material: Material | None = None
        self.problem: ExplorerError | None = None
        self.at = self.reached = 0
        self.playing = False
        self.until: int | None = None
        self.ghost: Column = np.zeros(0)
        self.pictures = Pictures()
        self.run: Run | None = None
        self._sharp: tuple[tuple[int, int], float | None] = ((0, -1), None)
        self._home: dict[str, Number] = {}
        self._begin: Column = np.zeros(0)
        self._of: Document | None = None

    # What is shown ----------------------------------------------------------------------------------------------

    def instead(self, view: View) -> View:
        """The graph at the moment that is shown, and the update that comes next."""
        self._follow(view)
        with few_threads(self.size):
            return view if self.trainer is None else self._at_its_moment(view, self.trainer)

    def _at_its_moment(self, view: View, trainer: Trainer) -> View:
        self._reach(self.at + 1)
        self.run = run = trainer.run(self.at)
        foot = section.foot(trainer)
        feet = {run.graph.ids[node]: foot for node in section.parameters(run, trainer)}
        changes = section.changes(run, self.update)
        updates = [Update(node, size(change.old), size(change.new)) for node, change in changes]
        groups = view.groups if run.graph.ids == view.run.graph.ids else groups_of(run.graph)
        return replace(view, run=run, groups=groups, tangents=None, updates=updates, feet=feet)

    def sections(self, view: View, placement: Placement) -> Mapping[str, Section]:
        """All that the canvas draws of training."""
        return {"train": section.section(self, view)}

    @property
    def moment(self) -> Moment | None:
        """The one that is shown."""
        return None if self.trainer is None else self.trainer.moments[self.at]

    @property
    def update(self) -> Step | None:
        """What leads on from the moment that is shown; None where training has stopped."""
        if self.trainer is None or len(self.trainer.moments) <= self.at + 1:
            return None
        return phases(self.trainer, self.at + 1)

    @property
    def size(self) -> int:
        """How many numbers are trained."""
        return 0 if self.trainer is None else self.trainer.objective.layout.size

    @property
    def stopped(self) -> bool:
        """Whether no step follows the moment that is shown."""
        return self.trainer is None or len(self.trainer.moments) <= self.at + 1

    @property
    def points(self) -> Points | None:
        """The data set that the program is fitted to."""
        found = self.material
        try:
            return None if found is None or found.given is None else found.given.read(found.values)
        except DataError:
            return None

    def picture(self) -> Picture | None:
        """The plane of points or of two parameters, as far as it is worked out."""
        return self.pictures.picture(self)

    def largest_rate(self) -> float | None:
        """Above which learning rate plain descent diverges, at the moment that is shown or, while it plays, before.

        None where that is not known: for other rules, and for many parameters.
        """
        trainer = self.trainer
        setup = self.setup
        is_plain = setup.rule.name == "sgd" and not setup.maximise and not setup.forgets and setup.clip is None
        if trainer is None or not is_plain or trainer.objective.layout.size > MOST_SHARP or self.stopped:
            return None
        key = (id(trainer), self.at)
        if key != self._sharp[0] and not self.playing:
            decay = setup.rule.all_settings["weight_decay"]
            found = largest_rate(trainer.objective, trainer.moments[self.at].values) if not decay else None
            self._sharp = (key, found)
        return self._sharp[1]

    # What is done -----------------------------------------------------------------------------------------------

    def step(self, count: int = 1, seconds: float = BUDGET) -> None:
        """So many steps on, or as many as the time allows, one at least."""
        end = time.perf_counter() + seconds
        self._reach(self.at + 1)
        for _ in range(count):
            if self.is_over:
                break
            self.at += 1
            self.reached = max(self.reached, self.at)
            self._reach(self.at + 1)
            if time.perf_counter() > end:
                break
        if self.playing and self.is_over:
            self.pause()

    @property
    def is_over(self) -> bool:
        """Whether playing has come to its end."""
        return self.stopped or (self.until is not None and self.at >= self.until)

    def play(self, until: int | None = None) -> None:
        """Steps follow each other as the canvas asks for them, up to one if that is told."""
        self.playing, self.until = not self.stopped, until

    def pause(self) -> None:
        """The page beside the canvas follows now."""
        self.playing, self.until, self.session.is_behind = False, None, True

    def show(self, step: int) -> None:
        """Any moment of the history."""
        self.problem = None
        self.at = max(0, min(step, self.reached))

    def reset(self) -> None:
        """Back to the start that the seed or the program gives."""
        self.pause()
        if self.trainer is not None and not np.array_equal(self._begin, self.trainer.moments[0].values):
            self._make(self._home)
        self.at = 0

    def see(self, kind: object) -> None:
        """Another picture beside the curve."""
        kinds = self.pictures.kinds(self)
        self.pictures.wanted = next((each for each in kinds if each == kind), None)
        self.session.is_behind = not self.playing

    def change(self, setup: Setup) -> None:
        """Train otherwise from the moment that is shown on; from the start where the parameters are others."""
        if setup == self.setup:
            return
        before, self.setup = self.setup, setup
        if (setup.parameters, setup.seed) != (before.parameters, before.seed):
            self._of = self.material = None
        elif self.trainer is not None:
            self._leave_ghost()
            self.trainer.rewind(min(self.at, self.trainer.now.step))
            self.trainer.clip, self.trainer.forgets, self.trainer.maximise = setup.clip, setup.forgets, setup.maximise
            self.trainer.use(setup.rule)
            self.problem = None
        self.session.redraw()

    def keep(self) -> None:
        """Write the parameters into the program, as an edit that can be undone."""
        if self.trainer is not None and self.moment is not None:
            found = self.trainer.objective.layout.unpack(self.moment.values)
            self.session.set_inputs({name: v.tolist() if isinstance(v, Tensor) else v for name, v in found.items()})

    def fit(self, points: Points) -> None:
        """Other points in the same inputs: training goes on with them from where it is."""
        found = self.material
        if found is not None and found.given is not None:
            self.session.set_inputs(found.given.write(points, found.values))

    def on_event(self, event: Mapping[str, Any]) -> bool:
        """Answer what the canvas asks of training."""
        return event.get("name") == "train" and events.answer(self, event)

    # Inside -----------------------------------------------------------------------------------------------------

    def _follow(self, view: View) -> None:
        """Start anew where the document is another one; go on where only the points are others."""
        if view.document is self._of or view.document == self._of:
            return
        before, self._of = self.material, view.document
        self.problem = None
        try:
            self.material = material(view)
            home = start(self.material, self.setup)
            now = self._carried(before, home)
            self._home = home
            self._make(now or home)
        except ExplorerError as problem:
            self.trainer, self.problem, self.playing = None, problem, False

    def _carried(self, before: Material | None, home: Mapping[str, Number]) -> dict[str, Number] | None:
        """The parameters that are there, where nothing but the points has changed since."""
        found = self.material
        if before is None or found is None or self.trainer is None or self.moment is None or found.given is None:
            return None
        data = (found.given.points, found.given.targets)
        same = found.source is before.source and found.given == before.given and found.output == before.output
        kept = all(found.values[name] == before.values.get(name) for name in found.values if name not in data)
        if not (same and kept and tuple(home) == self.trainer.objective.names):
            return None
        return self.trainer.objective.layout.unpack(self.moment.values)

    def _make(self, begin: Mapping[str, Number]) -> None:
        assert self.material is not None
        self._leave_ghost()
        self.trainer = None
        setup = self.setup
        with few_threads(sum(as_tensor(value).numel() for value in begin.values())):
            goal = objective(self.material, begin)
            self._begin = goal.layout.pack(self._home)
            self.trainer = Trainer(goal, setup.rule, maximise=setup.maximise, clip=setup.clip, forgets=setup.forgets)
        self.at = self.reached = 0
        self.pictures.forget()

    def _leave_ghost(self) -> None:
        """Where the run went that is left now; a stub of it is not worth showing."""
        if self.trainer is not None and self.reached > 0:
            self.ghost = losses(self.trainer)[: self.reached + 1]
        self.reached = min(self.reached, self.at)

    def _reach(self, step: int) -> None:
        """Compute steps up to one, as far as it goes."""
        trainer = self.trainer
        if trainer is None or len(trainer.moments) > step:
            return
        try:
            while trainer.now.step < step and trainer.stopped is None:
                if trainer.kept > MOST_KEPT:
                    raise DataError(
                        f"The history holds {trainer.now.step:,} steps, {MOST_KEPT // 1_000_000} MB, and no more are "
                        "kept. Reset, or write the parameters into the program and go on from there."
                    )
                trainer.step()
        except ExplorerError as problem:
            self.problem, self.playing = problem, False
