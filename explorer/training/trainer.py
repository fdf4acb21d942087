"""Gradient steps by torch.optim, and everything that happened, so that one can go back to any moment of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from explorer.errors import ExplorerError, TrainingError
from explorer.run import Number, Run, as_tensor
from explorer.training.flat import Layout, Packed
from explorer.training.objective import Objective
from explorer.training.optimisers import Rule
from explorer.training.replay import Evaluation, Gradient
from explorer.training.rules import Column


@dataclass(frozen=True, slots=True)
class Clip:
    """Gradients kept small: ``norm`` scales all of them together, ``value`` cuts every number."""

    kind: str
    limit: float

    def __post_init__(self) -> None:
        if self.kind not in ("norm", "value") or not self.limit > 0:
            raise TrainingError(
                f"Gradients are clipped by norm or by value, to more than 0; not {self.kind} {self.limit}."
            )

    def apply(self, leaves: Sequence[Tensor]) -> None:
        """Changes the gradients of ``leaves`` in place, as torch.nn.utils does."""
        if self.kind == "norm":
            torch.nn.utils.clip_grad_norm_(leaves, self.limit)
        else:
            torch.nn.utils.clip_grad_value_(leaves, self.limit)


@dataclass(frozen=True, slots=True)
class Moment:
    """The parameters after ``step`` updates, with the loss and the ``gradient`` at them.

    The other fields tell of the update that led here: the ``rule``, what the parameters' ``.grad`` held when it was
    applied (``used``), whether zero_grad was forgotten before it, and the optimiser's ``state`` after it.
    """

    step: int
    values: Column
    loss: float
    gradient: Gradient
    used: Gradient
    state: Mapping[str, Packed]
    rule: Rule | None = None
    forgot: bool = False


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where numbers stopped being finite: ``node`` is the first whose ``what`` (value, gradient) is NaN or infinite."""

    step: int
    node: str
    what: str

    def __str__(self) -> str:
        return (
            f"Step {self.step}: the {self.what} of {self.node!r} is the first that is not finite. "
            "Go back and take a smaller learning rate, or clip the gradients."
        )


class Trainer:
    """Steps an objective. ``moments`` holds every state from the start to now; ``stopped`` says why no step follows.

    ``clip`` and ``forgets`` (zero_grad is left out, so gradients add up over steps) may be changed at any time.
    """

    def __init__(
        self,
        objective: Objective,
        rule: Rule,
        *,
        maximise: bool = False,
        clip: Clip | None = None,
        forgets: bool = False,
    ) -> None:
        self.objective, self.rule, self.maximise = objective, rule, maximise
        self.clip, self.forgets = clip, forgets
        self.stopped: Divergence | None = None
        layout = objective.layout
        self._numbers, self._grads = objective.start.copy(), layout.zeros()
        self._leaves, self._slots = layout.views(self._numbers), layout.views(self._grads)
        self._present = tuple(False for _ in layout.names)
        self._optimiser = rule.build(self._leaves, maximise)
        found = self._look(0)
        nothing = Gradient(self._grads.copy(), self._present)
        self.moments = [Moment(0, self._numbers.copy(), found.loss, found.gradient, nothing, {})]

    @property
    def now(self) -> Moment:
        return self.moments[-1]

    @property
    def kept(self) -> int:
        """Bytes that the history takes, about: all moments are as large as the present one."""
        now = self.now
        columns = (now.values, now.gradient.numbers, now.used.numbers)
        states = sum(packed.numbers.nbytes for packed in now.state.values())
        return len(self.moments) * (sum(column.nbytes for column in columns) + states)

    def step(self) -> Moment:
        """zero_grad, forward, backward, update. Raises TrainingError where training has stopped.

        Where the program itself cannot go on with the new parameters, its error is raised and the step undone.
        """
        if self.stopped is not None:
            raise TrainingError(str(self.stopped))
        self._hold(arrived(self.now.used if self.forgets else None, self.now.gradient, self.objective.layout))
        if self.clip is not None:
            self.clip.apply(self._leaves)
        self._optimiser.step()
        step, used = self.now.step + 1, Gradient(self._grads.copy(), self._present)
        try:
            found = self._look(step)
        except ExplorerError:
            self.rewind(step - 1)
            raise
        state, values = self._state(), self._numbers.copy()
        self.moments.append(Moment(step, values, found.loss, found.gradient, used, state, self.rule, self.forgets))
        return self.now

    def steps(self, count: int) -> Iterator[Moment]:
        """At most so many steps; fewer where training stops."""
        for _ in range(count):
            if self.stopped is not None:
                return
            yield self.step()

    def rewind(self, step: int) -> list[Moment]:
        """Back to the state after ``step`` updates, to go on from there; what came later is returned and forgotten."""
        if not 0 <= step < len(self.moments):
            raise TrainingError(f"There is no step {step}: the history goes from 0 to {self.now.step}.")
        later = self.moments[step + 1 :]
        del self.moments[step + 1 :]
        if later:
            self.stopped = None
        self._numbers[:] = self.now.values
        self._renew()
        return later

    def reset(self) -> list[Moment]:
        """Back to the start."""
        return self.rewind(0)

    def use(self, rule: Rule) -> None:
        """Other settings, or another optimiser, from the next step on; the same optimiser keeps its state."""
        self.rule = rule
        self._renew()

    def run(self, step: int) -> Run:
        """The whole run at a moment of the history."""
        return self.objective.run(self.moments[step].values)

    def _look(self, step: int) -> Evaluation:
        found = self.objective.at(self._numbers)
        if not (np.isfinite(found.loss) and np.isfinite(found.gradient.numbers).all()):
            self.stopped = _diverged(step, self.objective.run(self._numbers))
        return found

    def _hold(self, gradient: Gradient) -> None:
        """Puts a gradient where the optimiser looks for it: in ``.grad``, ``None`` where there is none."""
        self._grads[:] = gradient.numbers
        if gradient.present != self._present:
            self._present = gradient.present
            for leaf, slot, is_present in zip(self._leaves, self._slots, self._present, strict=True):
                leaf.grad = slot if is_present else None

    def _renew(self) -> None:
        """A fresh optimiser with the state of the present moment, where it is of the same kind."""
        self._optimiser = self.rule.build(self._leaves, self.maximise)
        if self.now.rule is not None and self.now.rule.name == self.rule.name:
            for name, packed in self.now.state.items():
                for leaf, part in zip(self._leaves, packed.parts(), strict=True):
                    if part is not None:
                        self._optimiser.state[leaf][name] = part

    def _state(self) -> dict[str, Packed]:
        states = [self._optimiser.state.get(leaf, {}) for leaf in self._leaves] if self._optimiser.state else []
        names = dict.fromkeys(name for state in states for name in state)
        return {name: Packed.of([_tensor(state.get(name)) for state in states]) for name in names}


def arrived(before: Gradient | None, gradient: Gradient, layout: Layout) -> Gradient:
    """What ``.grad`` holds after backward: the gradient, added to what was there if it was not zeroed."""
    if before is None or not any(before.present):
        return gradient
    there = np.repeat(before.present, [part.stop - part.start for part in layout.slices])
    total = np.where(there, before.numbers + gradient.numbers, gradient.numbers)
    return Gradient(total, tuple(a or b for a, b in zip(before.present, gradient.present, strict=True)))


def _tensor(found: object) -> Tensor | None:
    return found if isinstance(found, Tensor) else None


def _diverged(step: int, run: Run) -> Divergence:
    if run.nonfinite is not None:
        return Divergence(step, run.nonfinite, "value")
    reached = [*run.backward.order, *range(len(run.graph))]
    return Divergence(step, run.graph.ids[next(i for i in reached if _is_broken(run.grads[i]))], "gradient")


def _is_broken(grad: Number | None) -> bool:
    return grad is not None and not bool(as_tensor(grad).isfinite().all())
