// @ts-check
/** Two views of one computation on a page: what is chosen, pointed at or stepped to in one is so in the other. */

/**
 * @typedef {import("./tools.js").Kit} Kit
 * @typedef {import("./tools.js").Tool} Tool
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./player.js").Move} Move
 * @typedef {{from: object, asks?: boolean, move?: Move | "play", taken?: boolean, chosen?: string,
 *   lineage?: State["lineage"], pointed?: string, at?: {trace: Trace, position: number}}} Word  Ids are those of the
 *   forward graph. A canvas that is new `asks`; a `move` is the forward graph's to make, where it has `taken` it.
 */

import { drawRing } from "./cards.js";
import { h, setAttribute } from "./dom.js";
import { canvases } from "./fullscreen.js";
import { openGroup } from "./groups.js";
import { go, togglePlay } from "./player.js";
import { nodeOf } from "./rearrange.js";
import { receiver } from "./timeline.js";
import { PHASE } from "./wire.js";

const EVENT = "explorer-twin";
/** From the edges, where names and buttons lie: a share of the canvas. */
const AWAY = 0.15;
const RING = { width: 1.5, offset: 3 };

/** @param {Kit} kit @returns {Tool} */
export function createTwin({ store, actions, root, refreshOverlay }) {
  const me = {};
  let listening = false;
  /** The node that the pointer is on in the other view, or -1. */
  let pointed = -1;

  /** @param {Omit<Word, "from">} said @returns {Word} as those left it who heard it */
  function tell(said) {
    const word = { from: me, ...said };
    window.dispatchEvent(new CustomEvent(EVENT, { detail: word }));
    return word;
  }

  /** @param {Event} event */
  function hear(event) {
    const word = /** @type {CustomEvent<Word>} */ (event).detail;
    const { trace } = store.get();
    if (word.from === me || !trace) return;
    if (word.asks) return tellAll(trace, store.get());
    if (word.move) return make(trace, word, word.move);
    listening = true;
    if (word.chosen !== undefined) choose(trace, word.chosen);
    if (word.lineage !== undefined && store.get().chosen) store.set({ lineage: word.lineage });
    if (word.pointed !== undefined) point(ownNode(trace, word.pointed));
    if (word.at) stepTo(trace, word.at);
    listening = false;
  }

  /** @param {Trace} trace @param {State} state */
  function tellAll(trace, state) {
    tell({ chosen: chosenId(trace, state), at: { trace, position: state.position } });
  }

  /** The steps are those of the forward graph, unless none of them are of the backward pass. @param {Trace} trace @param {Word} word @param {Move | "play"} kind */
  function make(trace, word, kind) {
    word.taken = !trace.twin && trace.mode === "reverse";
    if (!word.taken) return;
    if (kind === "play") togglePlay(store, actions);
    else go(store, actions, kind);
  }

  /** It leads to the other canvas, where the clock is too. @type {import("./player.js").Pilot} */
  const pilot = {
    isAtWork: () => false,
    go: (kind) => tell({ move: kind }).taken ?? false,
    toggle: () => tell({ move: "play" }).taken ?? false,
  };

  /** @param {Trace} trace @param {string} id */
  function choose(trace, id) {
    const node = ownNode(trace, id);
    const group = openGroup(trace, id);
    if (node < 0 && group >= 0) return actions.selectGroup(group);
    actions.select(node);
    if (node < 0) return;
    actions.focusNode(node, AWAY);
    store.set({ focused: -1 });
  }

  /** @param {number} node */
  function point(node) {
    if (node === pointed) return;
    pointed = node;
    refreshOverlay();
  }

  /** @param {Trace} trace @param {NonNullable<Word["at"]>} at */
  function stepTo(trace, at) {
    const position = at.position > 0 ? positionsBy(at.trace, trace)[at.position - 1] : 0;
    if (position > 0) actions.setPosition(position);
    else if (trace.twin) store.set({ playing: false, position: 0 });
  }

  const name = h("div", { class: "xp-twin-name" }, "Autograd graph");
  canvases.add(root);
  window.addEventListener(EVENT, hear);
  return {
    activity: "",
    over: [
      {
        element: name,
        /** @param {State} state @param {ReadonlySet<keyof State>} changed */
        update(state, changed) {
          const { trace } = state;
          if (changed.has("trace")) {
            if (trace?.twin && !root.dataset.twin) {
              tellApart(root, name);
              actions.pilot = pilot;
            }
            setAttribute(root, "data-twin", trace?.twin ? "autograd" : "");
            pointed = -1;
          }
          if (!trace || listening) return;
          if (changed.has("trace")) return trace.twin ? tell({ asks: true }) : tellAll(trace, state);
          if (changed.has("chosen")) tell({ chosen: chosenId(trace, state) });
          if (changed.has("lineage") && state.lineage !== "paths") tell({ lineage: state.lineage });
          if (changed.has("hovered")) tell({ pointed: state.hovered < 0 ? "" : forwardId(trace, state.hovered) });
          if (changed.has("position")) tell({ at: { trace, position: state.position } });
        },
        destroy() {
          canvases.delete(root);
          window.removeEventListener(EVENT, hear);
        },
      },
    ],
    above(view) {
      if (pointed >= 0) drawRing(view, pointed, view.theme.forward.mark, RING.width, RING.offset);
    },
    handle: { linked: () => linked(store.get(), pointed) },
  };
}

/** The name is said, and to those who hear the page by every landmark: two of one name are one. @param {HTMLElement} root @param {HTMLElement} name */
function tellApart(root, name) {
  root.querySelector(".xp-chips")?.prepend(name);
  for (const each of root.querySelectorAll('nav, [role="search"], [role="toolbar"]')) setAttribute(each, "aria-label", `${each.ariaLabel} of the autograd graph`);
}

/** @type {WeakMap<Trace, WeakMap<Trace, Uint32Array>>} */
const known = new WeakMap();

/** Per moment of the other view the position here, 0 before the backward pass. Made once. @param {Trace} other @param {Trace} trace */
function positionsBy(other, trace) {
  let byOther = known.get(trace);
  if (!byOther) known.set(trace, (byOther = new WeakMap()));
  let found = byOther.get(other);
  if (!found) byOther.set(other, (found = matched(other, trace)));
  return found;
}

/**
 * The last moment at which the same node hands on to the same other. Where there is none, the next at which it hands on
 * to what the other view does not show; where it hands nothing on, such as a group at the inputs, the one at which its
 * gradient comes, unless it is there already. Both are through together.
 * @param {Trace} other @param {Trace} trace
 */
function matched(other, trace) {
  const theirs = [...handings(other)];
  const named = new Set(theirs.map(({ pair }) => pair));
  /** @type {Map<string, number>} */
  const last = new Map();
  /** @type {Map<string, number[]>} */
  const spare = new Map();
  for (const { moment, at, to, pair } of handings(trace)) {
    for (const key of [pair, at, `\n${to}`]) last.set(key, moment + 1);
    if (!named.has(pair) && !spare.get(at)?.push(moment + 1)) spare.set(at, [moment + 1]);
  }
  const positions = new Uint32Array(other.moments.count);
  let before = 0;
  for (const { moment, at, pair } of theirs) {
    before = last.get(pair) ?? spare.get(at)?.shift() ?? last.get(at) ?? Math.max(last.get(`\n${at}`) ?? 0, before);
    positions[moment] = before;
  }
  if (before) positions[positions.length - 1] = trace.moments.count;
  return positions;
}

/** The moments of the backward pass: which node of the forward graph is at work, and which receives. @param {Trace} trace */
function* handings(trace) {
  const { count, forward, node, phase } = trace.moments;
  for (let moment = forward; moment < count; moment++) {
    if (phase[moment] !== PHASE.backward) continue;
    const [at, to] = [forwardId(trace, node[moment]), forwardId(trace, receiver(trace, moment))];
    yield { moment, at, to, pair: `${at}\n${to}` };
  }
}

/** What is the same in both: the lineage, and as nodes of the forward graph where the pointer is and what is at work. @param {State} state @param {number} pointed */
function linked({ lineage, position, trace }, pointed) {
  if (!trace) return null;
  const at = position > 0 ? forwardId(trace, trace.moments.node[position - 1]) : "";
  return { at, lineage, pointed: pointed < 0 ? "" : forwardId(trace, pointed) };
}

/** What a node is called in the forward graph. @param {Trace} trace @param {number} node */
const forwardId = ({ nodes, twin }, node) => (twin ? twin.ids[node] : nodes.id[node]);

/** @param {Trace} trace @param {State} state */
function chosenId(trace, { chosen, selected }) {
  return trace.twin && selected >= 0 ? forwardId(trace, selected) : chosen;
}

/** The node that stands for one of the forward graph, or -1; of several the one that the backward pass comes to first. @param {Trace} trace @param {string} id */
function ownNode(trace, id) {
  if (!id) return -1;
  return trace.twin ? trace.twin.ids.lastIndexOf(id) : nodeOf(trace, id);
}
