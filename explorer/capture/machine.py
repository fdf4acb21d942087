"""What a program has while it runs: its variables, its loop counters, and the tape it writes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from torch import Tensor

from explorer.capture.limits import Limits
from explorer.capture.tape import Tape
from explorer.capture.values import Place
from explorer.errors import LimitExceeded, NameProblem, OpFailed
from explorer.run import Number


class Machine:
    """Runs compiled statements. ``given`` are the values of inputs, ``missing`` explains a name without one."""

    def __init__(
        self,
        given: Mapping[str, Number],
        requires_grad: Mapping[str, bool],
        limits: Limits,
        missing: Callable[[str, Place], NameProblem],
    ) -> None:
        self.tape = Tape(limits)
        self.variables: dict[str, int] = {}
        self.last: int | None = None
        self._given, self._requires_grad, self._missing = given, requires_grad, missing
        self._counters: dict[str, int] = {}
        self._constants: dict[str, int] = {}
        self._limits, self._turns = limits, 0

    # Names ---------------------------------------------------------------------------------------------------

    def declare(self, name: str, literal: Number, place: Place) -> None:
        """``a = 2``: an input whose value is 2 unless another was given; later on, a plain constant."""
        if name in self.variables:
            self.assign(name, self.tape.constant(literal, place), place)
        else:
            self._input(name, self._given.get(name, literal), place)
            self._counters.pop(name, None)

    def assign(self, name: str, index: int, place: Place) -> None:
        """Name a node; one that has a name already keeps it and is known by both."""
        if index not in self.tape.names:
            self.tape.names[index] = name
        self.variables[name] = self.last = index
        self._counters.pop(name, None)

    def show(self, index: int, place: Place) -> None:
        """A bare expression: its node is the result so far."""
        self.last = index

    def read(self, name: str, place: Place) -> int:
        """The node of a name that no assignment has made: a loop counter or an input."""
        if name in self._counters:
            return self.tape.leaf("constant", "", float(self._counters[name]), False, place[0])
        if name not in self._given:
            raise self._missing(name, place)
        return self._input(name, self._given[name], place)

    def named_constant(self, name: str, value: float, place: Place) -> int:
        """The one node of a constant of the language, such as pi."""
        if name not in self._constants:
            self._constants[name] = self.tape.leaf("constant", name, value, False, place[0])
        return self._constants[name]

    def _input(self, name: str, value: Number, place: Place) -> int:
        index = self.tape.leaf("input", name, value, self._requires_grad.get(name, True), place[0])
        self.variables[name] = index
        self.last = index if self.last is None else self.last
        return index

    # Conditions and whole numbers ----------------------------------------------------------------------------

    def truth(self, index: int, place: Place) -> bool:
        """Whether the single number at a node is true. Raises OpFailed for a tensor of several."""
        value = self.tape.values[index]
        if isinstance(value, Tensor) and value.numel() != 1:
            raise OpFailed(
                f"A condition needs one number; this has shape {list(value.shape)}.", line=place[0], column=place[1],
                hint="Use sum(...), max(...) or where(...).",
            )  # fmt: skip
        self.tape.decisions.setdefault(index, bool(value))
        return bool(value)

    def whole(self, index: int, place: Place) -> int:
        """The whole number at a node. Raises OpFailed where it is not one."""
        value = self.tape.values[index]
        number = float(value) if not isinstance(value, Tensor) or value.numel() == 1 else math.nan
        if not number.is_integer():
            raise OpFailed("A whole number is needed here.", line=place[0], column=place[1], hint="For example 3.")
        self.tape.decisions[index] = int(number)
        return int(number)

    def whole_of(self, name: str, place: Place) -> int:
        """The whole number a loop counter or a variable stands for."""
        if name in self._counters:
            return self._counters[name]
        index = self.variables.get(name)
        return self.whole(self.read(name, place) if index is None else index, place)

    # Loops ---------------------------------------------------------------------------------------------------

    def count(self, counter: str, bounds: list[int], body: Callable[[Machine], None], place: Place) -> None:
        """``for counter in range(*bounds)``."""
        if len(bounds) == 3 and bounds[2] == 0:
            raise OpFailed("A range cannot step by 0.", line=place[0], column=place[1], hint="Step by 1 or -1.")
        for value in range(*bounds):
            self.variables.pop(counter, None)
            self._counters[counter] = value
            self._turn(body, f"for {counter}={value}", place)

    def repeat(self, test: Callable[[Machine], bool], body: Callable[[Machine], None], place: Place) -> None:
        """``while test``."""
        turn = 0
        while test(self):
            self._turn(body, f"while {turn}", place)
            turn += 1

    def _turn(self, body: Callable[[Machine], None], scope: str, place: Place) -> None:
        self._turns += 1
        if self._turns > self._limits.turns:
            raise LimitExceeded(
                f"The loops turned more than {self._limits.turns:,} times.", line=place[0], column=place[1],
                hint="Check that the loop's condition becomes false, or loop less.",
            )  # fmt: skip
        if self._turns % 1024 == 0:
            self.tape.breathe(place)
        outer, self.tape.scope = self.tape.scope, (*self.tape.scope, scope)
        body(self)
        self.tape.scope = outer
