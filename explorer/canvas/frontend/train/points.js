// @ts-check
/** Points of the data set are dragged, added and taken away on the plane. */

/**
 * @typedef {import("./plane.js").Axes} Axes
 * @typedef {import("./types.js").Train} Train
 */

/** Python takes a moved point no more often than this. */
const GAP_MS = 70;

/**
 * @param {HTMLElement} canvas
 * @param {{axes: () => Axes | null, train: () => Train | null, pointAt: (x: number, y: number) => number, tell: (payload: Record<string, unknown>) => void}} plane
 * @returns {() => void} unbinds
 */
export function bindPoints(canvas, { axes, train, pointAt, tell }) {
  let held = -1;
  let sentAt = 0;
  const stop = new AbortController();
  const { signal } = stop;

  const isOpen = () => {
    const kind = train()?.picture?.kind;
    return kind === "boundary" || kind === "fit" ? axes() : null;
  };

  /** @param {PointerEvent} event @param {boolean} final */
  function move(event, final) {
    const place = isOpen();
    const now = performance.now();
    if (!place || (!final && now - sentAt < GAP_MS)) return;
    sentAt = now;
    tell({ what: "move", index: held, x: rounded(place.toX(event.offsetX)), y: rounded(place.toY(event.offsetY)), final });
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !isOpen()) return;
    const point = pointAt(event.offsetX, event.offsetY);
    if (point < 0) return;
    if (event.altKey) return tell({ what: "remove", index: point });
    held = point;
    canvas.setPointerCapture(event.pointerId);
  }, { signal });
  canvas.addEventListener("pointermove", (event) => {
    if (held >= 0) move(event, false);
    else canvas.style.cursor = isOpen() && pointAt(event.offsetX, event.offsetY) >= 0 ? "grab" : "default";
  }, { signal });
  canvas.addEventListener("pointerup", (event) => {
    if (held >= 0) move(event, true);
    held = -1;
  }, { signal });
  canvas.addEventListener("dblclick", (event) => {
    const place = isOpen();
    if (!place || pointAt(event.offsetX, event.offsetY) >= 0) return;
    tell({ what: "add", x: rounded(place.toX(event.offsetX)), y: rounded(place.toY(event.offsetY)), target: event.shiftKey ? 1 : 0 });
  }, { signal });
  return () => stop.abort();
}

/** To as many digits as the data sets have that are made here. @param {number} x */
const rounded = (x) => Number(x.toFixed(3));
