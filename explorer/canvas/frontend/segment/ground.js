// @ts-check
/** The ground under the graph: each segment's tint, every other one hatched, so that neighbours differ without hue. */

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./lines.js").Line} Line
 * @typedef {import("../tools.js").Kit} Kit
 */

import { createSurface } from "../surface.js";
import { addLine } from "./lines.js";
import { hueOf } from "./palette.js";

const HATCH = 9;
const FAR = 1e7;

/** @param {Kit} kit */
export function createGround(kit) {
  const surface = createSurface("xp-ground");
  kit.stage.prepend(surface.element);
  let painted = "";

  return {
    /** @param {Model} model @param {Line[]} lines */
    paint(model, lines) {
      const { width, height } = kit.size();
      const { camera } = kit.store.get();
      const theme = kit.theme();
      const key = [width, height, devicePixelRatio, theme.name, camera.x, camera.y, camera.k, model.trace.rev, ...lines.map(({ points }) => points.join())].join(" ");
      if (key === painted) return;
      painted = key;
      surface.resize(width, height, devicePixelRatio);
      surface.begin(camera, null);
      bands(lines, (segment, before, after) => {
        const { context } = surface;
        context.beginPath();
        addLine(context, model, before, false);
        addLine(context, model, after.slice().reverse(), true);
        context.closePath();
        context.fillStyle = hueOf(theme, segment).tint;
        context.fill();
        if (segment % 2) hatch(context, camera.k, hueOf(theme, segment).mark);
      });
      surface.end();
    },
    clear() {
      if (!painted) return;
      painted = "";
      surface.resize(1, 1, 1);
    },
    destroy: () => surface.element.remove(),
  };
}

/** @param {Line[]} lines @param {(segment: number, before: import("./lines.js").Point[], after: import("./lines.js").Point[]) => void} visit */
function bands(lines, visit) {
  /** @type {(place: number) => import("./lines.js").Point[]} */
  const edge = (place) => [[-FAR, place], [FAR, place]];
  for (let segment = 0; segment <= lines.length; segment++) {
    visit(segment, lines[segment - 1]?.points ?? edge(-FAR), lines[segment]?.points ?? edge(FAR));
  }
}

/** Slanted lines over the band that was just filled. @param {CanvasRenderingContext2D} context @param {number} k @param {string} color */
function hatch(context, k, color) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = HATCH;
  const pen = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
  pen.strokeStyle = color;
  pen.globalAlpha = 0.16;
  for (const shift of [-HATCH, 0, HATCH]) {
    pen.moveTo(shift - 1, HATCH + 1);
    pen.lineTo(shift + HATCH + 1, -1);
  }
  pen.stroke();
  const pattern = context.createPattern(tile, "repeat");
  if (!pattern) return;
  pattern.setTransform(new DOMMatrix([1 / k, 0, 0, 1 / k, 0, 0]));
  context.fillStyle = pattern;
  context.fill();
}
