// @ts-check
/** Where the viewer stands. Pure functions over `{x, y, k}`: screen = world * k + (x, y), in CSS pixels. */

/**
 * @typedef {import("./types.js").Camera} Camera
 * @typedef {import("./scene.js").Rect} Rect
 * @typedef {{width: number, height: number}} Size
 */

const CLOSEST = 4;
const FARTHEST = 0.0005;
const FIT_AT_MOST = 1.25;
/**
 * Below the first, cards hold too little to step by; the second is chosen instead. A program read card by card shows
 * the labels of its edges, which need near cards; the steps are followed, so not everything must be in view.
 */
const OVERVIEW = { least: 0.36, chosen: 0.5 };
const READING = { least: 0.75, chosen: 0.8 };
/** A program of more cards, or on a smaller canvas, is looked over before it is read. */
const [FEW, WIDE, HIGH] = [60, 600, 400];
/** More are first shown whole. */
const LARGE = 300;

/** Room kept free around the drawing: the toolbar lies over the top of the canvas, the hints over its foot. */
const PADDING = { left: 32, right: 32, bottom: 52 };
/** So much of it, at the top and at the foot, is covered by nothing. */
const AIR = 10;
/** Where it is narrow the toolbar takes two rows. */
const TOOLBAR = { narrow: 560, one: 60, two: 92 };

/** @param {Size} size */
const paddingTop = ({ width }) => (width <= TOOLBAR.narrow ? TOOLBAR.two : TOOLBAR.one);

/** Everything in view, in the middle, never larger than life and a quarter. @param {Rect} bounds @param {Size} size @returns {Camera} */
export function fitted(bounds, size) {
  const width = Math.max(1, bounds.right - bounds.left);
  const height = Math.max(1, bounds.bottom - bounds.top);
  const top = paddingTop(size);
  const room = {
    width: Math.max(40, size.width - PADDING.left - PADDING.right),
    height: Math.max(40, size.height - top - PADDING.bottom),
  };
  const k = Math.max(FARTHEST, Math.min(room.width / width, room.height / height, FIT_AT_MOST));
  return {
    k,
    x: PADDING.left + (room.width - k * width) / 2 - k * bounds.left,
    y: top + (room.height - k * height) / 2 - k * bounds.top,
  };
}

/**
 * The first view: everything, unless cards would then be too small to read; in that case the place where it begins.
 * @param {Rect} bounds @param {Rect} start @param {Size} size @param {number} count  Of cards. @returns {Camera}
 */
export function opening(bounds, start, size, count) {
  const whole = fitted(bounds, size);
  const isRead = count <= FEW && size.width >= WIDE && size.height >= HIGH;
  const { least, chosen } = isRead ? READING : OVERVIEW;
  if (count > LARGE || whole.k >= least) return whole;
  const { width, height } = size;
  const near = zoomed(whole, chosen / whole.k, width / 2, height / 2);
  return revealed(near, start, size, 0.1);
}

/** Zoomed so that the point of the world under (x, y) stays there. @param {Camera} camera @param {number} factor @param {number} x @param {number} y @returns {Camera} */
export function zoomed(camera, factor, x, y) {
  const k = Math.max(FARTHEST, Math.min(CLOSEST, camera.k * factor));
  const ratio = k / camera.k;
  return { k, x: x - (x - camera.x) * ratio, y: y - (y - camera.y) * ratio };
}

/** @param {Camera} camera @param {number} dx @param {number} dy @returns {Camera} */
export function panned(camera, dx, dy) {
  return { ...camera, x: camera.x + dx, y: camera.y + dy };
}

/** The rectangle's middle in the middle of the canvas, near enough to read. @param {Camera} camera @param {Rect} rect @param {Size} size @returns {Camera} */
export function centred(camera, rect, size) {
  const k = Math.max(camera.k, 1);
  return {
    k,
    x: size.width / 2 - (k * (rect.left + rect.right)) / 2,
    y: size.height / 2 - (k * (rect.top + rect.bottom)) / 2,
  };
}

/**
 * Moved by as little as brings the rectangle into view, `margin` (a share of the canvas) away from its edges.
 * @param {Camera} camera @param {Rect} rect @param {Size} size @param {number} [margin] @returns {Camera}
 */
export function revealed(camera, rect, size, margin = 0) {
  const { left, right, top, bottom } = onScreen(camera, rect);
  const [across, down] = [margin * size.width, margin * size.height];
  const dx = shift(left, right, PADDING.left + across, size.width - PADDING.right - across);
  const dy = shift(top, bottom, paddingTop(size) + down, size.height - PADDING.bottom - down);
  return dx || dy ? panned(camera, dx, dy) : camera;
}

/** Whether all of the rectangle is on screen. @param {Camera} camera @param {Rect} rect @param {Size} size */
export function shows(camera, rect, size) {
  const { left, right, top, bottom } = onScreen(camera, rect);
  return left >= 0 && top >= 0 && right <= size.width && bottom <= size.height;
}

/** Whether it is, and under neither the toolbar nor the hints. @param {Camera} camera @param {Rect} rect @param {Size} size */
export function showsClearly(camera, rect, size) {
  const { top, bottom } = onScreen(camera, rect);
  return shows(camera, rect, size) && top >= paddingTop(size) - AIR && bottom <= size.height - PADDING.bottom + AIR;
}

/** @param {Camera} camera @param {Rect} rect @returns {Rect} in CSS pixels */
export function onScreen({ x, y, k }, rect) {
  return { left: rect.left * k + x, top: rect.top * k + y, right: rect.right * k + x, bottom: rect.bottom * k + y };
}

/** @param {number} low @param {number} high @param {number} from @param {number} to */
function shift(low, high, from, to) {
  if (low < from) return from - low;
  return high > to ? Math.max(to - high, from - low) : 0;
}

/** The part of the world on screen. @param {Camera} camera @param {Size} size @returns {Rect} */
export function visible(camera, size) {
  return {
    left: -camera.x / camera.k,
    top: -camera.y / camera.k,
    right: (size.width - camera.x) / camera.k,
    bottom: (size.height - camera.y) / camera.k,
  };
}

/** @param {Camera} from @param {Camera} to @param {number} t  0 to 1. @returns {Camera} */
export function between(from, to, t) {
  const k = from.k * (to.k / from.k) ** t;
  // The pan follows the zoom, so that a point fixed in both views never moves in between.
  const share = Math.abs(to.k - from.k) < 1e-9 ? t : (k - from.k) / (to.k - from.k);
  return { k, x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

/** Moved by less than a device pixel, so that pictures taken from there slide into each other. @param {Camera} camera @param {number} ratio  Device pixels a CSS pixel. @returns {Camera} */
export function aligned({ x, y, k }, ratio) {
  return { x: Math.round(x * ratio) / ratio, y: Math.round(y * ratio) / ratio, k };
}

/** A rectangle on screen as a part of the world. @param {Camera} camera @param {Rect} rect @returns {Rect} */
export function unscreened({ x, y, k }, rect) {
  return { left: (rect.left - x) / k, top: (rect.top - y) / k, right: (rect.right - x) / k, bottom: (rect.bottom - y) / k };
}

/** What comes into view, in CSS pixels, when a picture moves. @param {number} dx @param {number} dy @param {number} width @param {number} height @returns {Rect[]} */
export function exposed(dx, dy, width, height) {
  const strips = [];
  if (dx) strips.push({ left: dx > 0 ? 0 : width + dx, right: dx > 0 ? dx : width, top: 0, bottom: height });
  if (dy) strips.push({ left: 0, right: width, top: dy > 0 ? 0 : height + dy, bottom: dy > 0 ? dy : height });
  return strips;
}
