// @ts-check
/** The handles of cuts at the side of the canvas: sliders along the flow, for a pointer, the keyboard and a screen reader. */

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./lines.js").Line} Line
 * @typedef {import("./hold.js").Hold} Hold
 * @typedef {{element: HTMLElement, name: HTMLElement, bytes: HTMLElement, more: HTMLElement}} Grip
 */

import { h, setAttribute, setText } from "../dom.js";
import { letterOf } from "./palette.js";
import { size, tensors } from "./units.js";

const HIGH = 30;
const WIDE = 104;

/**
 * @param {object} hands
 * @param {(cut: number, event: PointerEvent) => void} hands.take
 * @param {(event: PointerEvent) => void} hands.move
 * @param {() => void} hands.drop
 * @param {(cut: number) => void} hands.focus
 * @param {(cut: number, hovered: boolean) => void} hands.hover
 * @param {(cut: number, name: string) => void} hands.rename
 */
export function createGrips(hands) {
  const element = h("div", { class: "xp-grips" });
  /** @type {Grip[]} */
  let grips = [];

  /** @param {number} cut @returns {Grip} */
  function made(cut) {
    const name = h("span", { class: "xp-grip-name" });
    const bytes = h("b", {});
    const more = h("span", { class: "xp-grip-more" });
    const grip = h("div", { class: "xp-grip", role: "slider", tabindex: 0, "data-cut": cut }, h("i", { "aria-hidden": "true" }), name, bytes, more);
    let pressed = false;
    grip.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      grip.focus({ preventScroll: true });
      pressed = true;
      grip.setPointerCapture(event.pointerId);
      hands.take(cut, event);
    });
    grip.addEventListener("pointermove", (event) => pressed && hands.move(event));
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
      grip.addEventListener(end, () => {
        if (pressed) hands.drop();
        pressed = false;
      });
    }
    grip.addEventListener("focus", () => hands.focus(cut));
    grip.addEventListener("pointerenter", () => hands.hover(cut, true));
    grip.addEventListener("pointerleave", () => hands.hover(cut, false));
    grip.addEventListener("dblclick", () => rename(cut));
    return { element: grip, name, bytes, more };
  }

  /** A field in the grip takes the name. @param {number} cut */
  function rename(cut) {
    const grip = grips[cut];
    if (!grip || grip.element.querySelector("input")) return;
    const field = h("input", { class: "xp-grip-field", "aria-label": `Name of cut ${cut + 1}`, maxlength: 40, value: grip.name.textContent ?? "" });
    let done = false;
    const close = (/** @type {boolean} */ keep) => {
      if (done) return;
      done = true;
      const text = field.value;
      field.remove();
      grip.element.focus({ preventScroll: true });
      if (keep) hands.rename(cut, text);
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Escape") close(event.key === "Enter");
    });
    field.addEventListener("blur", () => close(true));
    grip.element.insertBefore(field, grip.bytes);
    field.focus();
    field.select();
  }

  return {
    element,
    rename,
    /** The cut whose grip has the focus, or -1. */
    focused: () => grips.findIndex((grip) => grip.element.matches(":focus, :focus-within")),
    /** On the page. @param {number} cut @returns {DOMRect | undefined} */
    box: (cut) => grips[cut]?.element.getBoundingClientRect(),
    clear() {
      for (const grip of grips.splice(0)) grip.element.remove();
    },
    /** @param {number} cut */
    focus: (cut) => grips[cut]?.element.focus({ preventScroll: true }),
    /**
     * A grip per line, on its line. @param {Model} model @param {Line[]} lines @param {Hold | null} hold
     * @param {import("../types.js").Camera} camera
     */
    put(model, lines, hold, camera) {
      while (grips.length < lines.length) {
        grips.push(made(grips.length));
        element.append(grips[grips.length - 1].element);
      }
      for (const grip of grips.splice(lines.length)) grip.element.remove();
      let [before, column] = [-Infinity, 0];
      lines.forEach((line, cut) => {
        const along = line.place * camera.k + (model.down ? camera.y : camera.x);
        column = along - before < (model.down ? HIGH : WIDE) ? column + 1 : 0;
        before = along;
        place(grips[cut].element, model.down, along, column);
        fill(grips[cut], model, line, hold?.cut === cut ? hold : null, hold);
      });
    },
    destroy() {},
  };
}

/** @param {HTMLElement} grip @param {boolean} down @param {number} along @param {number} column */
function place(grip, down, along, column) {
  const off = column * (down ? WIDE + 8 : HIGH);
  grip.style.transform = down ? `translate(${-off}px, ${along}px) translateY(-50%)` : `translate(${along}px, ${-off}px) translateX(-50%)`;
  setAttribute(grip, "data-side", down ? "right" : "bottom");
}

/** @param {Grip} grip @param {Model} model @param {Line} line @param {Hold | null} held @param {Hold | null} hold */
function fill(grip, { section, down }, { cut, gap }, held, hold) {
  const known = section.cuts[hold?.isNew && hold.cut < cut ? cut - 1 : cut];
  const bytes = held ? held.crossing.bytes : known?.bytes ?? 0;
  const count = held ? held.crossing.values.length : known?.tensors ?? 0;
  setText(grip.name, held?.isNew ? "" : known?.name ?? "");
  setText(grip.bytes, held && !held.isValid ? "empty" : size(bytes));
  setText(grip.more, held ? tensors(count) : "");
  setAttribute(grip.element, "data-held", String(Boolean(held)));
  setAttribute(grip.element, "data-refused", String(Boolean(held && !held.isValid)));
  setAttribute(grip.element, "aria-orientation", down ? "vertical" : "horizontal");
  setAttribute(grip.element, "aria-label", `Cut ${cut + 1}${known?.name ? `, ${known.name},` : ""} between ${letterOf(cut)} and ${letterOf(cut + 1)}`);
  setAttribute(grip.element, "aria-valuemin", "0");
  setAttribute(grip.element, "aria-valuemax", String(section.profileBytes.length));
  setAttribute(grip.element, "aria-valuenow", String(Math.max(0, gap)));
  setAttribute(grip.element, "aria-valuetext", `${size(bytes)}, ${tensors(count)}`);
}
