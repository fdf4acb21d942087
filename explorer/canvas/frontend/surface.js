// @ts-check
/** One canvas element that is as sharp as the screen, and what it costs to paint it. */

/** @typedef {import("./scene.js").Rect} Rect */

/** @param {string} name */
export function createSurface(name) {
  const element = document.createElement("canvas");
  element.className = name;
  const context = /** @type {CanvasRenderingContext2D} */ (element.getContext("2d"));
  let ratio = 1;
  let [width, height] = [0, 0];

  return {
    element,
    context,
    /** In CSS pixels and device pixels each. Clears it. @param {number} w @param {number} h @param {number} r @returns {boolean} whether anything changed */
    resize(w, h, r) {
      if (w === width && h === height && r === ratio) return false;
      [width, height, ratio] = [w, h, r];
      element.width = Math.max(1, Math.round(w * r));
      element.height = Math.max(1, Math.round(h * r));
      return true;
    },
    ratio: () => ratio,
    /** Clears the canvas, or a part of it in CSS pixels to which all drawing is then bound, and scales to the world. @param {import("./types.js").Camera} camera @param {Rect | null} part */
    begin(camera, part) {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.save();
      if (part) clip(context, part, ratio);
      context.clearRect(0, 0, element.width, element.height);
      context.setTransform(camera.k * ratio, 0, 0, camera.k * ratio, camera.x * ratio, camera.y * ratio);
    },
    end() {
      context.restore();
    },
    /** Moves what is on it, by whole device pixels; what comes in from outside is empty. @param {number} dx @param {number} dy */
    slide(dx, dy) {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.globalCompositeOperation = "copy";
      context.drawImage(element, dx, dy);
      context.globalCompositeOperation = "source-over";
    },
  };
}

/** To whole device pixels: no seams. @param {CanvasRenderingContext2D} context @param {Rect} part @param {number} ratio */
function clip(context, { left, top, right, bottom }, ratio) {
  const [x, y] = [Math.floor(left * ratio), Math.floor(top * ratio)];
  context.beginPath();
  context.rect(x, y, Math.ceil(right * ratio) - x, Math.ceil(bottom * ratio) - y);
  context.clip();
}
