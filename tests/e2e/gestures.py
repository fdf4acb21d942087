"""Random gestures on the canvas, from a seed, and what must hold after each: see ``Gestures``."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import expect

from tests.e2e.canvas import WAIT_MS, Canvas

LEGIBLE = 0.3
"""Below this zoom the title of an open group is lower than a click is exact."""
SIZES = ((1440, 900), (1100, 760), (820, 700), (390, 844))
WORDS = ("add", "softmax", "attn", "h.0", "tanh", "[7", "u", "i=1", "nowhere at all")
STATE = """root => {
  const { explorer, dataset } = root;
  const { left, top, width, height } = root.querySelector(".xp-overlay").getBoundingClientRect();
  return { camera: explorer.camera(), stage: { left, top, width, height }, step: Number(dataset.step),
    steps: Number(dataset.steps), phase: dataset.phase, selected: dataset.selected, rev: dataset.rev,
    theme: dataset.theme, groups: explorer.groups(), nodes: explorer.nodes() };
}"""
PLACES = """root => {
  const overlay = root.querySelector(".xp-overlay"), shadow = root.getRootNode();
  const place = (id, dx, dy) => {
    const box = root.explorer.box(id);
    const [x, y] = [box.x + (dx ?? box.width / 2), box.y + (dy ?? box.height / 2)];
    const isOurs = document.elementFromPoint(x, y) === shadow.host;
    return { id, x, y, free: isOurs && shadow.elementFromPoint(x, y) === overlay };
  };
  const open = root.explorer.groups().filter((group) => group.open).map(({ key }) => place(key, 60, 8));
  return [...root.explorer.nodes().map((id) => place(id)), ...open].filter(({ free }) => free);
}"""
EMPTY = """(root, [x, y]) => !root.explorer.nodes().some((id) => {
  const box = root.explorer.box(id);
  return x > box.x - 14 && x < box.x + box.width + 14 && y > box.y - 14 && y < box.y + box.height + 14;
}) && root.getRootNode().elementFromPoint(x, y) === root.querySelector(".xp-overlay")"""


@dataclass(frozen=True)
class State:
    """What the canvas says of itself."""

    camera: dict[str, float]
    stage: dict[str, float]
    step: int
    steps: int
    phase: str
    selected: str
    rev: str
    theme: str
    groups: list[dict[str, Any]]
    nodes: list[str]

    def middle(self) -> tuple[float, float]:
        """The point of the world in the middle of the canvas."""
        (x, y, k), (w, h) = self.camera.values(), (self.stage["width"], self.stage["height"])
        return (w / 2 - x) / k, (h / 2 - y) / k


class Gestures:
    """Makes one gesture after the other; each says what it means to change, and everything else must be kept.

    Kept are the camera, the step (across groups: its pass, and being at the start or the end), the selection, and
    which groups are open; and nothing may be printed to the console. ``made`` counts the gestures by name.
    """

    def __init__(self, canvas: Canvas, seed: int) -> None:
        self.canvas, self.page, self.random = canvas, canvas.page, random.Random(seed)
        self.made: Counter[str] = Counter()
        self.seed, self.is_own, self.last = seed, False, ""
        canvas.watch()
        self.kinds: Sequence[Callable[[State], set[str]]] = (
            self.pan, self.pan, self.wheel, self.zoom, self.fit, self.step, self.step, self.step, self.scrub, self.play,
            self.toggle, self.toggle, self.level, self.select, self.select, self.deselect, self.tab, self.kin,
            self.search, self.search, self.next_node, self.walk, self.resize, self.theme, self.rerun, self.dock,
        )  # fmt: skip

    def make(self, count: int) -> None:
        """Raises AssertionError, naming the gesture and the seed, at the first that does not keep what it should."""
        for number in range(count):
            before = self.state()
            gesture = self.random.choice(self.kinds)
            meant = gesture(before)
            self.canvas.rest()
            self.made[gesture.__name__] += 1
            wrong = self.broken(before, self.state(), meant)
            assert not wrong, f"gesture {number} of seed {self.seed}, {gesture.__name__}: {'; '.join(wrong)}"

    def state(self) -> State:
        return State(**self.canvas.root.evaluate(STATE))

    def broken(self, before: State, after: State, meant: set[str]) -> list[str]:
        """What was not meant and happened all the same."""
        found = list(self.canvas.errors) + self.canvas.exceptions()
        if "camera" not in meant and not _near(before.camera, after.camera):
            found.append(f"the camera went from {before.camera} to {after.camera}")
        if "step" not in meant and (before.step, before.steps) != (after.step, after.steps):
            found.append(f"the step went from {before.step} of {before.steps} to {after.step} of {after.steps}")
        if "step" in meant and "groups" in meant and "steps" not in meant and _pass(before) != _pass(after):
            found.append(f"the play head went from {_pass(before)} to {_pass(after)}")
        if "selection" not in meant and before.selected != after.selected:
            found.append(f"the selection went from {before.selected!r} to {after.selected!r}")
        if "groups" not in meant and before.groups != after.groups:
            found.append("groups opened or closed")
        if not 0 <= after.step <= after.steps:
            found.append(f"there is no step {after.step} of {after.steps}")
        if not all(value == value and abs(value) < 1e7 for value in after.camera.values()) or after.camera["k"] <= 0:
            found.append(f"the camera is at {after.camera}")
        return found

    # The camera ----------------------------------------------------------------------------------------------

    def pan(self, before: State) -> set[str]:
        x, y = self._somewhere(before)
        if not self.canvas.root.evaluate(EMPTY, [x, y]):
            return set()
        dx, dy = self.random.randint(-120, 120), self.random.randint(-90, 90)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + dx, y + dy, steps=3)
        self.page.mouse.up()
        after = self.state()
        if abs(dx) + abs(dy) > 20:
            assert abs(after.camera["x"] - before.camera["x"] - dx) < 1 and after.camera["k"] == before.camera["k"]
            self.is_own = True
            return {"camera"}
        return {"camera", "selection"}

    def wheel(self, before: State) -> set[str]:
        self.page.mouse.move(*self._somewhere(before))
        self.page.mouse.wheel(0, self.random.choice((-240, -120, 120, 240)))
        self.is_own = True
        return {"camera"}

    def zoom(self, before: State) -> set[str]:
        self.canvas.press(self.random.choice("+-04682"))
        self.is_own = True
        return {"camera"}

    def fit(self, before: State) -> set[str]:
        self.canvas.press("f")
        self.is_own = False
        return {"camera"}

    # Steps ---------------------------------------------------------------------------------------------------

    def step(self, before: State) -> set[str]:
        keys = ("ArrowRight", "ArrowRight", "ArrowLeft", "Shift+ArrowRight", "Shift+ArrowLeft", "Home", "End", "b")
        self.canvas.press(*self.random.choices(keys, k=self.random.randint(1, 4)))
        return {"step", "steps", "camera", *self._walked()}

    def scrub(self, before: State) -> set[str]:
        slider = self.canvas.root.get_by_role("slider", name="Step")
        slider.focus()
        self.canvas.type(self.random.choices(("ArrowUp", "PageUp", "PageDown", "ArrowLeft"), k=3))
        return {"step", "steps", "camera", *self._walked()}

    def play(self, before: State) -> set[str]:
        self.canvas.press("]", " ")
        self.page.wait_for_timeout(self.random.randint(0, 120))
        if self.canvas.root.get_by_role("button", name="Pause (Space)").count():
            self.canvas.press(" ")
        return {"step", "steps", "camera", *self._walked()}

    def next_node(self, before: State) -> set[str]:
        self.canvas.press("5")
        return {"camera", "step", "groups"}

    def walk(self, before: State) -> set[str]:
        self.canvas.press("i")
        return {"camera", "step", *self._walked()}

    # Groups and nodes ----------------------------------------------------------------------------------------

    def toggle(self, before: State) -> set[str]:
        """By a double click, in place; or, where none is in reach, one level of all."""
        keys = {group["key"] for group in before.groups}
        places = [place for place in self._places() if place["id"] in keys]
        if not places or before.camera["k"] < LEGIBLE:
            return self.level(before)
        place = self.random.choice(places)
        corner = self.canvas.box(place["id"])
        self.page.mouse.dblclick(place["x"], place["y"])
        self.canvas.wait_for_new("rev", before.rev)
        now = self.canvas.box(place["id"])
        assert abs(now["x"] - corner["x"]) < 2 and abs(now["y"] - corner["y"]) < 2, f"{place['id']} moved on screen"
        self.last = place["id"]
        return {"groups", "step", "selection", "camera"}

    def level(self, before: State) -> set[str]:
        self.canvas.press(self.random.choice(",."))
        return {"groups", "step", "camera"}

    def select(self, before: State) -> set[str]:
        """Not where the last click was: two are a double click."""
        places = [place for place in self._places() if place["id"] != self.last and place["id"] in before.nodes]
        if not places:
            return set()
        place = self.random.choice(places)
        self.last = place["id"]
        self.page.mouse.click(place["x"], place["y"])
        self.canvas.wait(selected=place["id"])
        return {"selection"}

    def deselect(self, before: State) -> set[str]:
        self.canvas.press("Escape", "Escape", "Escape", "Escape").wait(selected="")
        return {"selection"}

    def tab(self, before: State) -> set[str]:
        self.canvas.press(*self.random.choices(("Tab", "Tab", "Shift+Tab"), k=self.random.randint(1, 5)))
        return {"camera"}

    def kin(self, before: State) -> set[str]:
        self.canvas.press(*self.random.choices(("a", "d", "Shift+Enter"), k=2))
        return {"selection"}

    def search(self, before: State) -> set[str]:
        self.canvas.press("/")
        self.page.keyboard.type(self.random.choice(WORDS))
        self.canvas.type(self.random.choices(("Enter", "Shift+Enter"), k=self.random.randint(0, 3)))
        if self.random.random() < 0.8:
            self.canvas.type(["Escape"])
            expect(self.canvas.root.locator(".xp-find")).to_be_hidden()
        return {"camera", "groups", "step"}

    # Around the canvas ---------------------------------------------------------------------------------------

    def resize(self, before: State) -> set[str]:
        width, height = self.random.choice(SIZES)
        self.page.set_viewport_size({"width": width, "height": height})
        self.canvas.rest()
        after = self.state()
        if self.is_own:
            assert abs(after.camera["k"] - before.camera["k"]) < 1e-9, "a resize zoomed"
        return {"camera"}

    def theme(self, before: State) -> set[str]:
        other = "light" if before.theme == "dark" else "dark"
        self.page.emulate_media(color_scheme=other, reduced_motion="reduce")
        expect(self.canvas.root).to_have_attribute("data-theme", other, timeout=WAIT_MS)
        return set()

    def rerun(self, before: State) -> set[str]:
        """Streamlit's own key, on the page."""
        self.page.evaluate("document.activeElement.blur()")
        self.page.keyboard.press("r")
        return set()

    def dock(self, before: State) -> set[str]:
        tabs = self.page.locator('[data-testid="stMain"] [role="tab"]').all()
        self.random.choice(tabs).focus()
        self.page.keyboard.press("Enter")
        return set()

    # Inside --------------------------------------------------------------------------------------------------

    def _somewhere(self, before: State) -> tuple[float, float]:
        stage = before.stage
        x = stage["left"] + stage["width"] * self.random.uniform(0.25, 0.75)
        return x, stage["top"] + stage["height"] * self.random.uniform(0.35, 0.75)

    def _places(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.canvas.root.evaluate(PLACES)
        return found

    def _walked(self) -> set[str]:
        """With that switched on, steps open groups."""
        walk = self.canvas.root.get_by_role("button", name="Steps open groups")
        is_on = walk.count() and walk.get_attribute("aria-pressed") == "true"
        return {"groups", "steps"} if is_on else set()


def _near(one: dict[str, float], two: dict[str, float]) -> bool:
    return all(abs(one[key] - two[key]) < 0.5 for key in one)


def _pass(state: State) -> str:
    """Where the play head is, as far as closing and opening groups must keep it."""
    if state.step in (0, state.steps):
        return "at the start" if state.step == 0 else "at the end"
    return state.phase
