// @ts-check
/**
 * The profile beside the canvas, along the flow and on the canvas's scale: the bytes that a cut would send at every
 * place. Dots mark waists. A double click cuts there; a cut's ring is dragged as its grip is.
 */

/**
 * @typedef {import("../tools.js").Kit} Kit
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./lines.js").Line} Line
 */

import { h } from "../dom.js";
import { createSurface } from "../surface.js";
import { ui, write } from "../text.js";
import { gapAt } from "./model.js";
import { size } from "./units.js";

const [HEAD, MARGIN] = [46, 22];
const REACH = 12;

/**
 * @param {Kit} kit
 * @param {object} hands
 * @param {(cut: number, place: number) => void} hands.take
 * @param {(place: number, free: boolean, event: PointerEvent) => void} hands.move
 * @param {() => void} hands.drop
 * @param {(place: number) => void} hands.add
 */
export function createStrip(kit, hands) {
  const surface = createSurface("xp-strip-canvas");
  const element = h("div", { class: "xp-strip", hidden: true, title: "Bytes that would cross at each place. Double-click to cut there." });
  element.append(surface.element);
  kit.root.append(element);
  /** @type {Model | null} */
  let model = null;
  /** @type {Line[]} */
  let lines = [];
  let held = -1;
  let hovered = NaN;
  let pressed = false;

  /** Along the flow, in the world. @param {MouseEvent} event */
  function placeOf(event) {
    const { left, top } = element.getBoundingClientRect();
    const { x, y, k } = kit.store.get().camera;
    return model?.down ? (event.clientY - top - y) / k : (event.clientX - left - x) / k;
  }

  /** The cut whose ring is there, or -1. @param {number} place */
  function cutAt(place) {
    const { k } = kit.store.get().camera;
    return lines.find((line) => Math.abs(line.place - place) * k <= REACH)?.cut ?? -1;
  }

  surface.element.addEventListener("pointerdown", (event) => {
    const cut = cutAt(placeOf(event));
    if (event.button !== 0 || cut < 0) return;
    pressed = true;
    surface.element.setPointerCapture(event.pointerId);
    hands.take(cut, placeOf(event));
  });
  surface.element.addEventListener("pointermove", (event) => {
    hovered = placeOf(event);
    if (pressed) hands.move(hovered, event.altKey || event.shiftKey, event);
    else {
      surface.element.style.cursor = cutAt(hovered) >= 0 ? (model?.down ? "ns-resize" : "ew-resize") : "crosshair";
      paint();
    }
  });
  for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
    surface.element.addEventListener(end, () => {
      if (pressed) hands.drop();
      pressed = false;
    });
  }
  surface.element.addEventListener("pointerleave", () => {
    hovered = NaN;
    paint();
  });
  surface.element.addEventListener("dblclick", (event) => hands.add(placeOf(event)));
  surface.element.addEventListener("wheel", (event) => {
    event.preventDefault();
    kit.actions.pan(model?.down ? 0 : -event.deltaX - event.deltaY, model?.down ? -event.deltaY : 0);
  }, { passive: false });

  function paint() {
    if (!model || element.hidden) return;
    const [width, height] = [element.clientWidth, element.clientHeight];
    if (!width || !height) return;
    surface.resize(width, height, devicePixelRatio);
    surface.begin({ x: 0, y: 0, k: 1 }, null);
    draw(surface.context, model, width, height);
    surface.end();
  }

  /** Everything is drawn along and across the flow, `down` or turned. @param {CanvasRenderingContext2D} context @param {Model} model @param {number} width @param {number} height */
  function draw(context, { section, down, gaps }, width, height) {
    const theme = kit.theme();
    const { camera } = kit.store.get();
    const { profileAt, profileBytes, waists } = section;
    const [length, breadth] = down ? [height, width] : [width, height];
    const offset = down ? camera.y : camera.x;
    const most = Math.max(1, ...profileBytes);
    const room = breadth - MARGIN - 12 - (down ? 0 : 18);
    const along = (/** @type {number} */ place) => place * camera.k + offset;
    const across = (/** @type {number} */ bytes) => MARGIN + (room * bytes) / most;
    /** @param {number} a @param {number} b */
    const spot = (a, b) => /** @type {[number, number]} */ (down ? [b, a] : [a, breadth - b]);
    const [from, to] = [Math.max(0, gapAt(/** @type {Model} */ (model), -offset / camera.k)), Math.min(profileBytes.length, gapAt(/** @type {Model} */ (model), (length - offset) / camera.k) + 1)];

    context.fillStyle = theme.sunken;
    context.fillRect(0, 0, width, height);
    context.strokeStyle = theme.line;
    for (const share of [0.25, 0.5, 1]) segmentLine(context, spot(0, across(most * share)), spot(length, across(most * share)), 1);
    context.beginPath();
    context.moveTo(...spot(along(profileAt[from] ?? 0), MARGIN));
    for (let gap = from; gap < to; gap++) {
      context.lineTo(...spot(along(profileAt[gap]), across(profileBytes[gap])));
      context.lineTo(...spot(along(profileAt[gap + 1]), across(profileBytes[gap])));
    }
    context.lineTo(...spot(along(profileAt[to] ?? 0), MARGIN));
    context.fillStyle = theme.forward.strong;
    context.fill();
    context.strokeStyle = theme.forward.mark;
    context.lineWidth = 1.25;
    context.stroke();
    context.fillStyle = theme.strong;
    for (const gap of waists) if (gap >= from && gap < to) dot(context, spot(along(gaps[gap]), 10), 2.5);
    drawHead(context, theme, most, down, width, across);
    drawCuts(context, theme, along, across, spot, breadth);
    if (!Number.isNaN(hovered) && held < 0) drawHovered(context, theme, along, across, spot, length);
  }

  /** @param {CanvasRenderingContext2D} context @param {import("../theme.js").Theme} theme @param {number} most @param {boolean} down @param {number} width @param {(bytes: number) => number} across */
  function drawHead(context, theme, most, down, width, across) {
    if (!down) return write(context, `Bytes crossing, up to ${size(most)}`, 8, 13, ui(theme, 11, 600), theme.text2);
    context.fillStyle = theme.surface;
    context.fillRect(0, 0, width, HEAD);
    write(context, width < 100 ? "Bytes" : "Bytes crossing", width < 100 ? 8 : MARGIN, 16, ui(theme, 11, 600), theme.text2);
    write(context, size(most), width - 6, 36, ui(theme, 11), theme.text3, "right");
    if (width >= 100) write(context, size(most / 4), across(most / 4), 36, ui(theme, 11), theme.text3, "center");
  }

  /** A ring where each line meets the profile. @param {CanvasRenderingContext2D} context @param {import("../theme.js").Theme} theme @param {(place: number) => number} along @param {(bytes: number) => number} across @param {(a: number, b: number) => [number, number]} spot @param {number} breadth */
  function drawCuts(context, theme, along, across, spot, breadth) {
    const { section } = /** @type {Model} */ (model);
    for (const { place, cut, gap } of lines) {
      const bytes = gap >= 0 ? section.profileBytes[gap] ?? 0 : section.cuts[cut]?.bytes ?? 0;
      context.strokeStyle = theme.ink;
      segmentLine(context, spot(along(place), 0), spot(along(place), breadth), cut === held ? 2.25 : 1.5);
      context.beginPath();
      context.arc(...spot(along(place), across(bytes)), cut === held ? 6 : 4.5, 0, 2 * Math.PI);
      context.fillStyle = theme.card;
      context.fill();
      context.lineWidth = 2;
      context.stroke();
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {import("../theme.js").Theme} theme @param {(place: number) => number} along @param {(bytes: number) => number} across @param {(a: number, b: number) => [number, number]} spot @param {number} length */
  function drawHovered(context, theme, along, across, spot, length) {
    const now = /** @type {Model} */ (model);
    const gap = gapAt(now, hovered);
    const bytes = now.section.profileBytes[gap];
    if (bytes === undefined) return;
    context.strokeStyle = theme.text3;
    context.setLineDash([3, 3]);
    segmentLine(context, spot(along(hovered), MARGIN), spot(along(hovered), across(bytes)), 1);
    context.setLineDash([]);
    const [x, y] = spot(Math.max(HEAD + 14, Math.min(length - 6, along(hovered) - 5)), MARGIN + 6);
    write(context, size(bytes), x, y, ui(theme, 11, 600), theme.text);
  }

  return {
    element,
    paint,
    /** @param {Model | null} now */
    show(now) {
      model = now;
      element.hidden = !now;
      paint();
    },
    /** @param {Line[]} now @param {number} cut  In the hand, or -1. */
    put(now, cut) {
      [lines, held] = [now, cut];
      paint();
    },
    destroy: () => element.remove(),
  };
}

/** @param {CanvasRenderingContext2D} context @param {[number, number]} a @param {[number, number]} b @param {number} width */
function segmentLine(context, a, b, width) {
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(...a);
  context.lineTo(...b);
  context.stroke();
}

/** @param {CanvasRenderingContext2D} context @param {[number, number]} place @param {number} radius */
function dot(context, place, radius) {
  context.beginPath();
  context.arc(...place, radius, 0, 2 * Math.PI);
  context.fill();
}
