"""Elements that move as one, and pushing them about without bringing any two too close."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from itertools import pairwise
from math import inf
from typing import TypeAlias

from explorer.layout.chains import Chain
from explorer.layout.grid import Grid
from explorer.layout.level import PLACING
from explorer.progress import tell

Pulls: TypeAlias = list[list[tuple[int, float, float, float]]]
"""Per element: who pulls, how far from there the element wants to be, the weight, and that with which it pulls back."""
Tie: TypeAlias = tuple[int, int, int, float, float, float]
"""A pull on a body from another one: its element, the other one's and which body that is, and the rest of the pull."""

MOST_PUSHED, FEWEST_PUSHED, MOVES = 200, 4, 40_000
"""So many bodies at most are moved together, fewer where all chains in all rounds would make more moves than that."""
TOLD = 100
"""After so many moves it is told how far they are."""
STILL = 0.01
"""Pixels that are not worth a move."""


class Bodies:
    """Chains, and all other elements as chains of one; ``x`` is that of a body's first element.

    ``right`` (and ``left``) says how far a body must be from those that are its neighbours in some row. As chains
    never cross, what is left of what is a partial order.
    """

    def __init__(self, grid: Grid, chains: Sequence[Chain], pulls: Pulls) -> None:
        self.grid = grid
        chained = {element for chain in chains for element, _ in chain}
        singles = ([(element, 0.0)] for row in grid.rows for element in row if element not in chained)
        self.chains = len(chains)
        self.members: list[Chain] = [*chains, *singles]
        self.x = [0.0] * len(self.members)
        self.body = {element: number for number, chain in enumerate(self.members) for element, _ in chain}
        self.ties = [list(self._ties(number, pulls)) for number in range(len(self.members))]
        self.left: list[dict[int, float]] = [{} for _ in self.members]
        self.right: list[dict[int, float]] = [{} for _ in self.members]
        offsets = {element: dx for chain in self.members for element, dx in chain}
        for row in grid.rows:
            for one, other in pairwise(row):
                distance = grid.distance(one, other) + offsets[one] - offsets[other]
                self._keep_apart(self.body[one], self.body[other], distance)

    def _ties(self, number: int, pulls: Pulls) -> Iterator[Tie]:
        for element, _ in self.members[number]:
            for other, dx, weight, back in pulls[element]:
                body = self.body[other]
                if body != number:
                    yield element, other, body, dx, weight, back

    def _keep_apart(self, left: int, right: int, distance: float) -> None:
        self.right[left][right] = self.left[right][left] = max(distance, self.right[left].get(right, -inf))

    def stand(self) -> None:
        """Makes every chain straight, about where its elements are.

        Pushed apart from the left, and pushed apart from the right, all keep their distances; so does the mean.
        """
        x, order = self.grid.x, self._left_to_right()
        from_left = [sum(x[element] - dx for element, dx in chain) / len(chain) for chain in self.members]
        from_right = list(from_left)
        for one in order:
            for other, distance in self.right[one].items():
                from_left[other] = max(from_left[other], from_left[one] + distance)
        for one in reversed(order):
            for other, distance in self.left[one].items():
                from_right[other] = min(from_right[other], from_right[one] - distance)
        for number, (low, high) in enumerate(zip(from_left, from_right, strict=True)):
            self._put(number, (low + high) / 2)

    def _left_to_right(self) -> list[int]:
        missing = [len(before) for before in self.left]
        order = [number for number, count in enumerate(missing) if not count]
        for number in order:
            for other in self.right[number]:
                missing[other] -= 1
                if not missing[other]:
                    order.append(other)
        return order

    def _put(self, number: int, x: float) -> None:
        self.x[number] = x
        for element, dx in self.members[number]:
            self.grid.x[element] = x + dx

    def move_chains(self, rounds: int) -> None:
        """Moves every chain towards its wish; what is in its way comes along as far as all together want to.

        ``rounds`` is how often this may be done, in which all moves together are bounded.
        """
        for number in range(self.chains, len(self.members)):
            self.x[number] = self.grid.x[self.members[number][0][0]]
        most = max(FEWEST_PUSHED, min(MOST_PUSHED, MOVES // max(1, rounds * self.chains)))
        for number in range(self.chains):
            if number % TOLD == 0:
                tell(number / self.chains, PLACING)
            self._move(number, most)

    def _move(self, number: int, most: int) -> None:
        """Moves one body as far as it wants; what it meets joins it, and then they go on as all together want."""
        for sign in (1.0, -1.0):
            push = _Push(self, sign)
            push.join(number)
            if push.wish() > STILL:
                push.go(most)
                for body, way in push.ways():
                    self._put(body, self.x[body] + way)
                return


class _Push:
    """Bodies that move together to one side: each from where it was met, by what all have moved since."""

    def __init__(self, bodies: Bodies, sign: float) -> None:
        self.bodies, self.sign = bodies, sign
        self.moved = self.pull = self.total = 0.0
        self.joined: dict[int, float] = {}
        self.ahead: list[tuple[float, int]] = []

    def wish(self) -> float:
        """How much further all links to other bodies would have these move, in the weighted mean."""
        return self.pull / self.total if self.total > 0 else 0.0

    def join(self, number: int) -> None:
        """A body comes along from now on."""
        bodies, x, sign = self.bodies, self.bodies.grid.x, self.sign
        pull, total = 0.0, 0.0
        for element, other, body, dx, weight, back in bodies.ties[number]:
            since = self.joined.get(body)
            if since is None:
                pull += weight * (x[other] + dx - x[element])
                total += weight
            else:  # A link to one that moves along pulls no more: take off what it counted for there.
                pull += back * (x[other] + sign * (self.moved - since) + dx - x[element])
                total -= back
        self.pull += sign * pull
        self.total += total
        self.joined[number] = self.moved
        for other, distance in (bodies.right if sign > 0 else bodies.left)[number].items():
            if other not in self.joined:
                free = sign * (bodies.x[other] - bodies.x[number]) - distance
                heappush(self.ahead, (self.moved + max(0.0, free), other))

    def go(self, most: int) -> None:
        """Moves on until all are content, or more than ``most`` would have to come along."""
        while (way := self.wish()) > STILL:
            room = self.ahead[0][0] - self.moved if self.ahead else inf
            step = min(way, room)
            self.moved += step
            self.pull -= step * self.total
            if room > way:
                return
            _, met = heappop(self.ahead)
            if met not in self.joined:
                if len(self.joined) == most:
                    return
                self.join(met)

    def ways(self) -> Iterator[tuple[int, float]]:
        """How far each body has moved."""
        for body, since in self.joined.items():
            yield body, self.sign * (self.moved - since)
