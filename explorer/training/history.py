"""The history of a training as a table: norms, curves, and text for a spreadsheet."""

from __future__ import annotations

import csv
import io

import numpy as np

from explorer.training.rules import Column
from explorer.training.trainer import Moment, Trainer


def gradient_norm(moment: Moment) -> float:
    """The Euclidean norm of all gradients together."""
    with np.errstate(over="ignore"):
        return float(np.sqrt(np.square(moment.gradient.numbers, dtype=np.float64).sum()))


def curve(trainer: Trainer, place: int) -> Column:
    """One element of the parameters, moment by moment; ``place`` counts in ``layout.labels``."""
    return np.array([moment.values[place] for moment in trainer.moments])


def losses(trainer: Trainer) -> Column:
    """What is minimised, moment by moment."""
    return np.array([moment.loss for moment in trainer.moments])


def norms(trainer: Trainer) -> Column:
    """The norm of all gradients together, moment by moment."""
    return np.array([gradient_norm(moment) for moment in trainer.moments])


def to_csv(trainer: Trainer, last: int | None = None) -> str:
    """One line a moment, up to a step: step, loss, gradient norm, every parameter's elements and their gradients.

    Numbers are written so that reading them gives the same bits; a gradient that did not arrive is left empty.
    """
    layout, text = trainer.objective.layout, io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    gradients = [f"gradient of {label}" for label in layout.labels]
    writer.writerow(["step", "loss", "gradient norm", *layout.labels, *gradients])
    sizes = [part.stop - part.start for part in layout.slices]
    for moment in trainer.moments[: None if last is None else last + 1]:
        present = np.repeat(moment.gradient.present, sizes)
        numbers = zip(moment.gradient.numbers.tolist(), present.tolist(), strict=True)
        arrived = [number if there else "" for number, there in numbers]
        writer.writerow([moment.step, moment.loss, gradient_norm(moment), *moment.values.tolist(), *arrived])
    return text.getvalue()
