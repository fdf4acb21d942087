// @ts-check
/** The card beside the node or edge under the pointer: its formula and its numbers. It follows, and covers cards only where it must. */

/** @typedef {import("./types.js").Part} Part */
/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Trace} Trace */
/** @typedef {import("./types.js").Tree} Tree */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Rect */
/** @typedef {[label: Tree, value: Tree, role?: string]} Row */

import { h } from "./dom.js";
import { grouped, number as figure } from "./format.js";
import { groupAt, kindOf } from "./groups.js";
import { bytesOf, inBytes } from "./load.js";
import { fill, math, plain, row } from "./mathml.js";
import { overlap } from "./scene.js";
import { sheetOf, sheetText } from "./sheet.js";
import { gradientSymbol, isScalar, localSymbol, namesAt, opOf, symbol, valueTerm } from "./symbols.js";
import { contributes, getsGradient, gradientAt, hasPassed, hasValue } from "./timeline.js";
import { EDGE, KIND } from "./wire.js";

const DELAY_MS = 350;
const GAP = 12;
const CHIP_ROOM = 18;
/** What the open card follows. @type {(keyof State)[]} */
const FOLLOWED = ["trace", "position", "camera"];
/** What decides whether it is open. @type {(keyof State)[]} */
const ASKING = ["hovered", "hoveredEdge", "selected", "pressed"];

/** Of a card that was pressed or is selected all is said elsewhere. @param {State} state */
function isAsked({ hovered, hoveredEdge, selected, pressed }) {
  return hovered >= 0 ? hovered !== selected && hovered !== pressed : hoveredEdge >= 0;
}

/** @param {Store} store @returns {Part} */
export function createHover(store) {
  const element = h("div", { class: "xp-hover", role: "tooltip", hidden: true });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function show() {
    const state = store.get();
    const { trace } = state;
    if (!trace || !isAsked(state)) return;
    element.replaceChildren(...(state.hovered >= 0 ? nodeCard(trace, state) : edgeCard(trace, state)));
    element.hidden = false;
    place(element, screenRect(trace, state), trace, state.camera);
  }

  function hide() {
    clearTimeout(timer);
    element.hidden = true;
  }

  return {
    element,
    update(state, changed) {
      if (ASKING.some((key) => changed.has(key))) {
        const open = !element.hidden;
        hide();
        if (isAsked(state)) timer = setTimeout(show, open ? 0 : DELAY_MS);
      } else if (!element.hidden && FOLLOWED.some((key) => changed.has(key))) show();
    },
    destroy: hide,
  };
}

/** @param {Trace} trace @param {State} state */
function nodeCard(trace, { hovered: node, position, coloring }) {
  const sheet = sheetOf(trace, coloring);
  const { kind, line, shape } = trace.nodes;
  const group = groupAt(trace, node);
  const value = hasValue(trace, node, position) ? inRows(plain(valueTerm(trace, node))) : "not yet";
  return card(group ? ["mtext", group.title] : symbol(trace, node), group ? kindOf(group) : opOf(trace, node).label, [
    ...(group ? groupRows(group) : []),
    ...(kind[node] === KIND.op && !trace.twin ? [formulaRow(trace, node)] : []),
    ...(trace.twin ? twinRows(group ? "" : trace.twin.ids[node]) : [/** @type {Row} */ (["Value", value, "forward"])]),
    gradientRow(trace, node, position),
    ...(shape[node] ? [plainRow("Shape", shape[node])] : []),
    ...(sheet?.texts[node] ? [plainRow(sheet.title, sheetText(trace, sheet, node))] : []),
    ...(line[node] ? [plainRow("Line", String(line[node]))] : []),
  ]);
}

/** What it is the backward of. @param {string} id @returns {Row[]} */
const twinRows = (id) => (id ? [plainRow("Forward", id)] : []);

/** What is inside. @param {import("./types.js").Group} group @returns {Row[]} */
function groupRows({ operations, parameters }) {
  return [...(operations ? [plainRow("Operations", grouped(operations))] : []), ...(parameters ? [plainRow("Parameters", grouped(parameters))] : [])];
}

/** @param {Trace} trace @param {State} state */
function edgeCard(trace, { hoveredEdge: edge, position }) {
  const { contribution, flags, local, value, target } = trace.edges;
  const scalar = isScalar(trace, value[edge]);
  const arrived = hasPassed(trace, edge, position) ? figure(contribution[edge]) : "not yet";
  return card(row(symbol(trace, value[edge]), ["mo", "→"], symbol(trace, target[edge])), "", [
    ...(flags[edge] & EDGE.local ? [/** @type {Row} */ ([localSymbol(trace, edge), figure(local[edge])])] : []),
    ...(bytesOf(trace, edge) ? [plainRow("Carries", inBytes(bytesOf(trace, edge)))] : []),
    [scalar ? "Contribution" : "Contribution, norm", contributes(trace, edge) ? arrived : "none", "gradient"],
  ]);
}

/** @param {Trace} trace @param {number} node @returns {Row} */
function formulaRow(trace, node) {
  return ["Formula", row(symbol(trace, node), ["mo", "="], fill(opOf(trace, node).formula, namesAt(trace, node)))];
}

/** @param {Trace} trace @param {number} node @param {number} position @returns {Row} */
function gradientRow(trace, node, position) {
  const sum = gradientAt(trace, node, position);
  const what = gradientLabel(trace, node);
  if (!getsGradient(trace, node)) return plainRow("Gradient", "none");
  return [what, sum === undefined ? "not yet" : figure(sum), "gradient"];
}

/** A grad_fn's is that of no variable's own. @param {Trace} trace @param {number} node @returns {Tree} */
function gradientLabel(trace, node) {
  if (trace.twin) return isScalar(trace, node) ? "Gradient" : "Gradient, norm";
  return isScalar(trace, node) ? gradientSymbol(trace, node) : row(["mo", "‖"], gradientSymbol(trace, node), ["mo", "‖"]);
}

/** A matrix with every row on a line of its own. @param {string} text */
const inRows = (text) => text.replaceAll("], [", "],\n[");

/** @param {string} label @param {string} text @returns {Row} */
const plainRow = (label, text) => [label, text];

/** @param {Tree} title @param {string} note @param {Row[]} rows */
function card(title, note, rows) {
  const head = h("header", {}, math(title), h("span", {}, note));
  const body = rows.flatMap(([label, value, role]) => [h("dt", {}, shown(label)), h("dd", { class: role }, shown(value))]);
  return [head, h("dl", {}, ...body)];
}

/** @param {Tree} content @returns {Node | string} */
function shown(content) {
  return typeof content === "string" ? content : math(content);
}

/** Where the hovered thing is, in CSS pixels of the stage. @param {Trace} trace @param {State} state @returns {Rect} */
function screenRect({ nodes, edges }, { camera, hovered, hoveredEdge }) {
  if (hovered >= 0) return cardRect(nodes, hovered, camera);
  const [x, y] = [edges.chips[2 * hoveredEdge] * camera.k + camera.x, edges.chips[2 * hoveredEdge + 1] * camera.k + camera.y];
  return { left: x - CHIP_ROOM, top: y - CHIP_ROOM, right: x + CHIP_ROOM, bottom: y + CHIP_ROOM };
}

/** Right, left, under or over the rectangle: the first place that covers no card, else the first with room. @param {HTMLElement} element @param {Rect} rect @param {Trace} trace @param {State["camera"]} camera */
function place(element, rect, trace, camera) {
  const { clientWidth, clientHeight } = /** @type {HTMLElement} */ (element.offsetParent ?? element);
  const { offsetWidth: width, offsetHeight: height } = element;
  const across = clamped(rect.left, clientWidth - width - GAP);
  const down = clamped(rect.top, clientHeight - height - GAP);
  const places = [[rect.right + GAP, down], [rect.left - GAP - width, down], [across, rect.bottom + GAP], [across, rect.top - GAP - height]];
  const fitting = places.filter(([x, y]) => x >= 0 && y >= 0 && x + width <= clientWidth && y + height <= clientHeight);
  const free = fitting.find(([x, y]) => !coversCard(trace, camera, { left: x, top: y, right: x + width, bottom: y + height }));
  const [x, y] = free ?? fitting[0] ?? [across, clamped(rect.bottom + GAP, clientHeight - height - GAP)];
  element.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
}

/** @param {number} x @param {number} most */
const clamped = (x, most) => Math.max(GAP, Math.min(most, x));

/** @param {Trace} trace @param {State["camera"]} camera @param {Rect} rect  In CSS pixels of the stage. */
function coversCard({ nodes }, camera, rect) {
  return nodes.id.some((_, node) => overlap(rect, cardRect(nodes, node, camera)));
}

/** @param {Trace["nodes"]} nodes @param {number} node @param {State["camera"]} camera @returns {Rect} */
function cardRect(nodes, node, { x, y, k }) {
  const [left, top] = [nodes.x[node] * k + x, nodes.y[node] * k + y];
  return { left, top, right: left + nodes.w[node] * k, bottom: top + nodes.h[node] * k };
}
