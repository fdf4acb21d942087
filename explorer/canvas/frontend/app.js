// @ts-check
/** Puts the parts of the canvas together: the store, the two canvases, the hands, and the chrome around them. */

/**
 * @typedef {import("./types.js").Actions} Actions
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./types.js").Part} Part
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {(event: Record<string, unknown>) => void} Send
 */

import { createAnnouncer } from "./announce.js";
import { centred, fitted, opening, panned, revealed, shows, visible, zoomed } from "./camera.js";
import { valueBox } from "./cards.js";
import { carried, changedValues, sameDrawing, sameProgram } from "./carry.js";
import { h, setAttribute } from "./dom.js";
import { createField } from "./field.js";
import { number } from "./format.js";
import { bindGestures } from "./gestures.js";
import { createHelp, createHints } from "./help.js";
import { createHover } from "./hover.js";
import { createKeys } from "./keys.js";
import { createMotion } from "./motion.js";
import { createNarration } from "./narration.js";
import { NOTHING, pick } from "./pick.js";
import { createPlayer } from "./player.js";
import { createRenderer } from "./renderer.js";
import { around, buildScene } from "./scene.js";
import { createScrub } from "./scrub.js";
import { createStore, initialState } from "./store.js";
import { forgetWidths } from "./text.js";
import { applyTheme, readTheme } from "./theme.js";
import { phaseName, receiver } from "./timeline.js";
import { createToolbar } from "./toolbar.js";
import { createTransport } from "./transport.js";
import { decode } from "./wire.js";

/** Above so many steps a second no pulse travels. */
const PULSE_UP_TO = 4;
/** The share of the canvas that is left free on the side that the steps go to. */
const LOOK_AHEAD = 0.2;
/** Graphs of more nodes are first shown whole: they are looked over before they are read. */
const LARGE = 300;
const COARSE = 10;
const FINE = 0.1;

/** @param {ShadowRoot | HTMLElement} parent */
export function createApp(parent) {
  const store = createStore(initialState());
  const stage = h("div", { class: "xp-stage" });
  const dock = h("div", { class: "xp-dock" });
  const root = h("div", { class: "xp-root", "data-testid": "graph-canvas", tabindex: 0, role: "application", "aria-label": "Computational graph" }, stage, dock);
  parent.append(root);

  /** @type {Scene | null} */
  let scene = null;
  let theme = readTheme(root);
  /** @type {ReadonlyMap<number, number>} */
  let was = new Map();
  /** @type {Send} */
  let transmit = () => {};
  let serial = 0;
  /** @type {Uint8Array | null} */
  let lastBytes = null;
  let fittedOnce = false;

  const motion = createMotion({
    frame: () => renderer.refreshOverlay(),
    moveCamera: (camera) => store.set({ camera }),
  });
  const scrub = createScrub({ trace: () => store.get().trace, send, changed: () => renderer.refresh() });
  const renderer = createRenderer(
    stage,
    store.get,
    () => scene && { theme, scene, was, scrub: scrub.held() },
    motion.progress,
  );
  const field = createField(stage, () => root.focus({ preventScroll: true }));

  /** @param {string} name @param {Record<string, unknown>} payload */
  function send(name, payload) {
    transmit({ serial: ++serial, rev: store.get().trace?.rev ?? 0, name, ...payload });
  }

  /** @param {import("./types.js").Camera} camera */
  function flyTo(camera) {
    motion.fly(store.get().camera, camera);
  }

  /** Keys that follow each other quickly build on where the camera will be. */
  function goal() {
    return motion.goal() ?? store.get().camera;
  }

  /** @type {Actions} */
  const actions = {
    fit: () => scene && flyTo(fitted(scene.bounds, renderer.size())),
    zoom(factor) {
      const { width, height } = renderer.size();
      flyTo(zoomed(goal(), factor, width / 2, height / 2));
    },
    zoomTo: (k) => actions.zoom(k / goal().k),
    pan: (dx, dy) => flyTo(panned(goal(), dx, dy)),
    focusNode(node) {
      if (!scene) return;
      store.set({ focused: node });
      const camera = goal();
      const seen = revealed(camera, scene.nodeRect(node), renderer.size());
      if (seen !== camera) flyTo(seen);
    },
    select(node) {
      const { trace, selected } = store.get();
      if (!trace || node === selected) return;
      store.set({ selected: node, lineage: "" });
      send("select", { id: node < 0 ? "" : trace.nodes.id[node] });
    },
    setPosition(position) {
      const { trace } = store.get();
      store.set({ position: Math.max(0, Math.min(trace?.moments.count ?? 0, position)) });
    },
    nudge: (node, direction) => scrub.nudge(node, direction),
    type: openField,
    send,
  };

  /** @param {number} node */
  function openField(node) {
    const { trace, camera } = store.get();
    if (!trace || !scrub.accepts(node)) return;
    const box = valueBox(trace, node, renderer.level());
    const place = { right: (box.x + box.w) * camera.k + camera.x, middle: (box.y + box.h / 2) * camera.k + camera.y };
    field.open(`Value of ${trace.nodes.id[node]}`, number(trace.nodes.value[node], 15), place, (value) => scrub.set(node, value));
  }

  const player = createPlayer(store, actions);
  const keys = createKeys(store, actions, root);
  const parts = mountParts();

  function mountParts() {
    const over = [createToolbar(store, actions, root), createHints(store), createHover(store)];
    const under = [createNarration(), createTransport(store, actions)];
    const around = [createHelp(store, actions, root), createAnnouncer()];
    stage.append(...over.map((part) => part.element));
    dock.append(...under.map((part) => part.element));
    root.append(...around.map((part) => part.element));
    return [...over, ...under, ...around];
  }

  /** @param {number} x @param {number} y */
  function at(x, y) {
    return scene ? pick(scene, store.get().camera, renderer.level(), x, y) : NOTHING;
  }

  bindGestures(renderer.overlay, {
    grab(x, y) {
      motion.land();
      field.close();
      root.focus({ preventScroll: true });
      const hit = at(x, y);
      if (!hit.value) return false;
      store.set({ hovered: -1, hoveredEdge: -1 });
      scrub.grab(hit.node);
      return true;
    },
    drag: (dx, { shiftKey, altKey }) => scrub.drag(dx, shiftKey ? FINE : altKey ? COARSE : 1),
    drop: scrub.drop,
    pan: (dx, dy) => store.set({ camera: panned(store.get().camera, dx, dy), hovered: -1, hoveredEdge: -1 }),
    zoom(factor, x, y) {
      motion.land();
      store.set({ camera: zoomed(store.get().camera, factor, x, y) });
    },
    hover(x, y) {
      const hit = at(x, y);
      store.set({ hovered: hit.node, hoveredEdge: hit.edge });
      renderer.overlay.dataset.cursor = hit.value ? "scrub" : hit.node >= 0 ? "pointer" : "";
    },
    leave: () => store.set({ hovered: -1, hoveredEdge: -1 }),
    click: (x, y) => actions.select(at(x, y).node),
    doubleClick(x, y) {
      const hit = at(x, y);
      if (hit.value) openField(hit.node);
      else if (scene && hit.node >= 0) flyTo(centred(store.get().camera, scene.nodeRect(hit.node), renderer.size()));
      else actions.fit();
    },
    cursor: (cursor) => (renderer.overlay.dataset.cursor = cursor),
  });

  /** @type {State} */
  let before = store.get();
  store.subscribe((state, changed) => {
    if (changed.has("camera")) cameraMoved();
    if (changed.has("position")) moved(before, state, changed);
    if (changed.has("layers") || changed.has("theme")) renderer.refresh();
    if (changed.has("lineage") || (changed.has("selected") && state.lineage)) renderer.lineageChanged(state);
    renderer.refreshOverlay();
    player.update(state, changed);
    for (const part of parts) part.update(state, changed);
    label(state);
    before = state;
  });

  function cameraMoved() {
    field.close();
    renderer.cameraMoved();
  }

  /** @param {State} old @param {State} now @param {ReadonlySet<keyof State>} changed */
  function moved(old, now, changed) {
    if (changed.has("trace")) return;
    if (was.size) {
      was = new Map();
      renderer.refresh();
    }
    renderer.positionMoved(old.position, now.position);
    follow(now);
    if (now.position > old.position && (!now.playing || now.speed <= PULSE_UP_TO)) motion.step();
    else motion.settle();
  }

  /** A step that would not be seen is brought into view, with room for those that follow. @param {State} state */
  function follow({ trace, position, camera }) {
    if (!scene || !trace || position < 1) return;
    const size = renderer.size();
    const there = motion.destination() ?? camera;
    const rect = placeOf(scene, position - 1, { width: size.width / there.k, height: size.height / there.k });
    if (!shows(there, rect, size)) flyTo(revealed(there, rect, size, LOOK_AHEAD));
  }

  /** What tests and extensions read. @param {State} state */
  function label({ trace, position, selected }) {
    setAttribute(root, "data-rev", String(trace?.rev ?? ""));
    setAttribute(root, "data-mode", trace?.mode ?? "");
    setAttribute(root, "data-step", String(position));
    setAttribute(root, "data-steps", trace ? String(trace.moments.count) : "");
    setAttribute(root, "data-phase", trace ? phaseName(trace, position) : "idle");
    setAttribute(root, "data-node", trace && position > 0 ? trace.nodes.id[trace.moments.node[position - 1]] : "");
    setAttribute(root, "data-selected", trace && selected >= 0 ? trace.nodes.id[selected] : "");
  }

  /** @param {Trace} trace */
  function adopt(trace) {
    const state = store.get();
    const old = state.trace;
    const redrawn = !old || !sameDrawing(old, trace);
    if (old && !redrawn) remember(old, trace, state.position);
    else was = new Map();
    scene = buildScene(trace);
    const patch = carried(state, trace);
    renderer.show(patch.position ?? 0);
    motion.settle();
    setAttribute(root, "aria-label", `Computational graph of ${trace.title}, ${trace.nodes.count} nodes`);
    store.set(patch);
    scrub.answer(trace);
    renderer.refresh();
    renderer.lineageChanged(store.get());
    if (redrawn) look(old, trace);
  }

  /** Old values stay beside the new ones until the next step; during one edit they are those before it began. @param {Trace} old @param {Trace} trace @param {number} position */
  function remember(old, trace, position) {
    const changes = changedValues(old, trace, position);
    const editing = scrub.held() !== null;
    const kept = [...changes].map(([node, value]) => /** @type {const} */ ([node, editing ? was.get(node) ?? value : value]));
    was = new Map([...(editing ? was : []), ...kept]);
  }

  /** Another program or another direction is shown whole; otherwise the camera stays, unless it would see nothing. @param {Trace | null} old @param {Trace} trace */
  function look(old, trace) {
    if (!fittedOnce) return fitNow();
    const turned = !old || old.orientation !== trace.orientation;
    const seen = scene && scene.nodesIn(visible(store.get().camera, renderer.size())).length > 0;
    if (turned || !seen || !sameProgram(old, trace)) flyTo(openingView(scene, trace));
  }

  /** @param {Scene | null} now @param {Trace} trace */
  function openingView(now, trace) {
    if (!now) return store.get().camera;
    const { position } = store.get();
    const start = now.nodeRect(position > 0 ? receiver(trace, position - 1) : 0);
    return opening(now.bounds, start, renderer.size(), trace.nodes.count > LARGE);
  }

  function fitNow() {
    const { width, height } = renderer.size();
    if (!scene || !width || !height) return;
    fittedOnce = true;
    store.set({ camera: openingView(scene, scene.trace) });
  }

  const resized = new ResizeObserver(() => {
    if (!fittedOnce) fitNow();
    renderer.refresh();
  });
  resized.observe(stage);
  const fontsArrived = () => {
    forgetWidths();
    renderer.refresh();
  };
  document.fonts.addEventListener("loadingdone", fontsArrived);

  /** A node's card in page coordinates; null where there is no such node. @param {string} id */
  function boxOnPage(id) {
    const node = store.get().trace?.nodes.id.indexOf(id) ?? -1;
    if (!scene || node < 0) return null;
    const { camera } = store.get();
    const { left, top, right, bottom } = scene.nodeRect(node);
    const canvas = renderer.overlay.getBoundingClientRect();
    return {
      x: left * camera.k + camera.x + canvas.left + window.scrollX,
      y: top * camera.k + camera.y + canvas.top + window.scrollY,
      width: (right - left) * camera.k,
      height: (bottom - top) * camera.k,
    };
  }

  Object.assign(root, {
    explorer: {
      /** The middle of a node's card in page coordinates; null where there is no such node. @param {string} id */
      position(id) {
        const box = boxOnPage(id);
        return box && { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      },
      box: boxOnPage,
      /** The ids of all nodes, in execution order. */
      nodes: () => [...(store.get().trace?.nodes.id ?? [])],
    },
  });
  label(store.get());

  return {
    /** @param {Uint8Array | ArrayBuffer | null} data @param {Send} sender */
    receive(data, sender) {
      transmit = sender;
      theme = readTheme(root);
      applyTheme(root, theme);
      store.set({ theme: theme.name });
      renderer.refresh();
      const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
      if (!bytes || (lastBytes && same(bytes, lastBytes))) return;
      lastBytes = bytes;
      adopt(decode(bytes));
    },
    destroy() {
      for (const part of [...parts, player, keys, scrub, motion, renderer]) part.destroy();
      resized.disconnect();
      document.fonts.removeEventListener("loadingdone", fontsArrived);
      root.remove();
    },
  };
}

/** The card at work, with the one where the number lands unless they are too far apart. @param {Scene} scene @param {number} moment @param {{width: number, height: number}} room */
function placeOf({ trace, nodeRect }, moment, room) {
  const work = nodeRect(trace.moments.node[moment]);
  const both = around(work, nodeRect(receiver(trace, moment)));
  return both.right - both.left < room.width * 0.6 && both.bottom - both.top < room.height * 0.6 ? both : work;
}

/** @param {Uint8Array} a @param {Uint8Array} b */
function same(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
