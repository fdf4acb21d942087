// @ts-check
/** Buttons, the scrubber of two tracks, the count and the speed. */

/** @typedef {import("./types.js").Actions} Actions */
/** @typedef {import("./types.js").Part} Part */
/** @typedef {import("./types.js").State} State */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./player.js").Move} Move */

import { h, setAttribute, setText } from "./dom.js";
import { grouped } from "./format.js";
import { icon } from "./icons.js";
import { go, SPEEDS, togglePlay } from "./player.js";
import { createScrubber } from "./scrubber.js";

/** @param {Store} store @param {Actions} actions @returns {Part} */
export function createTransport(store, actions) {
  /** @param {Move & import("./icons.js").IconName} kind @param {string} label */
  const mover = (kind, label) => {
    const button = h("button", { type: "button", class: "xp-icon-button", title: label, "aria-label": label }, icon(kind));
    button.addEventListener("click", () => go(store, actions, kind));
    return button;
  };
  const back = [mover("start", "To the start (Home)"), mover("previous", "Step back (←)")];
  const onward = [mover("next", "Step (→)"), mover("end", "To the end (End)")];
  const play = h("button", { type: "button", class: "xp-play", click: () => togglePlay(store, actions) }, icon("play"), icon("pause"));
  const scrubber = createScrubber(store, actions);
  const position = h("b", {});
  const count = h("span", {});
  const speed = speedChoice(store);
  const element = h(
    "div",
    { class: "xp-transport", role: "group", "aria-label": "Transport" },
    h("div", { class: "xp-moves" }, ...back, play, ...onward),
    scrubber.element,
    h("div", { class: "xp-count" }, h("span", {}, position, count), speed),
  );

  /** @param {State} state */
  function showCount(state) {
    const steps = state.trace?.moments.count ?? 0;
    setText(position, grouped(state.position));
    setText(count, ` / ${grouped(steps)}`);
    for (const button of back) setAttribute(button, "aria-disabled", String(state.position <= 0));
    for (const button of onward) setAttribute(button, "aria-disabled", String(state.position >= steps));
  }

  return {
    element,
    update(state, changed) {
      scrubber.update(state, changed);
      if (changed.has("position") || changed.has("trace")) showCount(state);
      if (changed.has("speed")) speed.value = String(state.speed);
      if (changed.has("playing") || changed.has("trace")) {
        const label = state.playing ? "Pause (Space)" : "Play (Space)";
        setAttribute(play, "aria-label", label);
        setAttribute(play, "title", label);
        play.classList.toggle("xp-playing", state.playing);
      }
    },
    destroy() {},
  };
}

/** @param {Store} store */
function speedChoice(store) {
  const options = SPEEDS.map((speed) => h("option", { value: speed }, `${speed} ${speed > 1 ? "steps" : "step"}/s`));
  const choice = h("select", { class: "xp-speed", "aria-label": "Speed", title: "Speed ([ slower, ] faster)" }, ...options);
  choice.value = String(store.get().speed);
  choice.addEventListener("change", () => store.set({ speed: Number(choice.value) }));
  return choice;
}
