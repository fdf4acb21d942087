"""A copy of a model that others may be tracing or exporting at the moment, which puts stand-ins into its place."""

from __future__ import annotations

from copy import deepcopy
from typing import TypeVar

from torch import nn

from explorer.capture.calls import alone
from explorer.capture.members import members

Model = TypeVar("Model", bound=nn.Module)


def copied(model: Model) -> Model:
    """The model with numbers of its own. Waits until no other thread traces it."""
    with alone(members(model)):
        return deepcopy(model)
