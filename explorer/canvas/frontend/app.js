// @ts-check
/** Puts the parts of the canvas together: the store, the two canvases, the hands, and the chrome around them. */

/**
 * @typedef {import("./types.js").Actions} Actions
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./types.js").Part} Part
 * @typedef {import("./scene.js").Scene} Scene
 */

import { createAnnouncer } from "./announce.js";
import { valueBox } from "./cards.js";
import { carried, rememberedValues, sameDrawing } from "./carry.js";
import { h, setAttribute } from "./dom.js";
import { createField } from "./field.js";
import { number } from "./format.js";
import { bindGestures } from "./gestures.js";
import { ariaLabel, createHandle, label } from "./handle.js";
import { isGroup } from "./groups.js";
import { createHands } from "./hands.js";
import { createHelp, createHints } from "./help.js";
import { createHover } from "./hover.js";
import { createKeys } from "./keys.js";
import { createMotion } from "./motion.js";
import { createNarration } from "./narration.js";
import { NOTHING, pick } from "./pick.js";
import { createOutbox } from "./outbox.js";
import { createPlayer } from "./player.js";
import { rearrangement, shiftOf } from "./rearrange.js";
import { createRenderer } from "./renderer.js";
import { buildScene } from "./scene.js";
import { createScrub } from "./scrub.js";
import { createStore, initialState } from "./store.js";
import { forgetWidths } from "./text.js";
import { applyTheme, readTheme } from "./theme.js";
import { createToolbar } from "./toolbar.js";
import { TOOLS } from "./toolbox.js";
import { asDrawn, atWork, toned, withTools } from "./tools.js";
import { createTransport } from "./transport.js";
import { createViewpoint } from "./viewpoint.js";
import { decodeOnto, isSame } from "./wire.js";

/** @param {ShadowRoot | HTMLElement} parent @param {boolean} [alone]  Whether there is no Python that could answer. */
export function createApp(parent, alone = false) {
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
  /** @type {Uint8Array | null} */
  let lastBytes = null;
  /** The last trace that came whole. @type {Trace | null} */
  let whole = null;

  /** The cards on their way after groups were opened or closed. @type {import("./rearrange.js").Rearrangement | null} */
  let moving = null;
  /** The group that the reader has pressed: it stays in place. */
  let pressed = "";
  /** The depth that was asked for last, until it is there: keys that follow each other quickly build on it. @type {number | null} */
  let asked = null;

  const motion = createMotion({
    frame: () => renderer.paint(),
    moveCamera: (camera) => store.set({ camera }),
    rearrange(share) {
      moving?.put(share);
      if (share >= 1) moving = null;
      renderer.refresh();
    },
  });
  const outbox = createOutbox(() => store.get().trace?.rev ?? 0);
  const { send } = outbox;
  const scrub = createScrub({ trace: () => store.get().trace, send, changed: () => renderer.refresh() });
  const renderer = createRenderer(
    stage,
    () => asDrawn(atWork(tools, store.get()), store.get()),
    () => scene && { theme: toned(atWork(tools, store.get()), theme), scene, was, scrub: scrub.held(), moving: moving && moving.trace },
    motion.progress,
    () => atWork(tools, store.get()),
  );
  const viewpoint = createViewpoint(store, motion, renderer.size, () => scene);
  const field = createField(stage, () => root.focus({ preventScroll: true }));

  /** @type {Actions} */
  const actions = {
    fit: viewpoint.fit,
    zoom: viewpoint.zoom,
    zoomTo: viewpoint.zoomTo,
    pan: viewpoint.pan,
    lookAt: viewpoint.lookAt,
    centre: viewpoint.centre,
    focusNode(node, margin) {
      store.set({ focused: node, focusedGroup: -1 });
      viewpoint.reveal(node, margin);
    },
    focusGroup(group) {
      store.set({ focused: -1, focusedGroup: group });
      viewpoint.revealGroup(group);
    },
    select(node) {
      const { trace } = store.get();
      if (trace) choose(node < 0 ? "" : trace.nodes.id[node], node, -1, node >= 0 && isGroup(trace, node));
    },
    selectGroup(group) {
      const { trace } = store.get();
      if (trace) choose(trace.groups[group].key, -1, group, true);
    },
    toggle(key, place = -2) {
      pressed = key;
      store.set({ chosen: key, lineage: "" });
      outbox.tellLater(key);
      send(place < -1 ? "toggle" : "pick", { key, n: place });
    },
    deepen(direction) {
      const { trace } = store.get();
      if (!trace) return;
      const { full, deepest, most } = trace.depth;
      const from = asked ?? (direction > 0 ? full : deepest);
      asked = Math.max(0, Math.min(most, from + direction));
      if (asked !== from) send("depth", { n: asked });
    },
    setPosition(position) {
      const { trace } = store.get();
      store.set({ position: Math.max(0, Math.min(trace?.moments.count ?? 0, position)) });
    },
    nudge: (node, direction) => scrub.nudge(node, direction),
    type: openField,
    send,
  };

  /** @param {string} id @param {number} selected @param {number} selectedGroup @param {boolean} ofGroup */
  function choose(id, selected, selectedGroup, ofGroup) {
    const state = store.get();
    if (id === state.chosen) return;
    store.set({ chosen: id, selected, selectedGroup, lineage: "" });
    if (state.trace?.twin) return; // The forward graph tells of it.
    if (ofGroup) outbox.tellLater(id);
    else outbox.tell(id);
  }

  /** @param {number} node */
  function openField(node) {
    const { trace, camera } = store.get();
    if (!trace || !scrub.accepts(node)) return;
    const box = valueBox(trace, node, renderer.level());
    const place = { right: (box.x + box.w) * camera.k + camera.x, middle: (box.y + box.h / 2) * camera.k + camera.y };
    field.open(`Value of ${trace.nodes.id[node]}`, number(trace.nodes.value[node], 15), place, (value) => scrub.set(node, value));
  }

  const player = createPlayer(store, actions);
  /** @type {import("./tools.js").Kit} */
  const kit = {
    store,
    actions,
    root,
    stage,
    scene: () => scene,
    theme: () => theme,
    size: renderer.size,
    refresh: renderer.refresh,
    refreshOverlay: renderer.refreshOverlay,
  };
  /** What activities add, in the order in which they are asked. @type {import("./tools.js").Tool[]} */
  const tools = TOOLS.map((create) => create(kit));
  const keys = createKeys(store, actions, root, () => atWork(tools, store.get()));
  const parts = mountParts();
  const hands = createHands({
    store,
    actions,
    scrub,
    viewpoint,
    at: (x, y) => (scene ? pick(scene, store.get().camera, renderer.level(), x, y) : NOTHING),
    touched() {
      motion.land();
      field.close();
      root.focus({ preventScroll: true });
    },
    cursor: (cursor) => setAttribute(renderer.overlay, "data-cursor", cursor),
  });
  bindGestures(renderer.overlay, withTools(hands, () => atWork(tools, store.get())));

  function mountParts() {
    const over = [createToolbar(store, actions, root), createHints(store), createHover(store), ...tools.flatMap((tool) => tool.over ?? [])];
    const under = [createNarration(), createTransport(store, actions), ...tools.flatMap((tool) => tool.under ?? [])];
    const around = [createHelp(store, actions, root, tools, alone), createAnnouncer()];
    stage.append(...over.map((part) => part.element));
    dock.append(...under.map((part) => part.element));
    root.append(...around.map((part) => part.element));
    return [...over, ...under, ...around];
  }

  /** @type {State} */
  let before = store.get();
  store.subscribe((state, changed) => {
    if (changed.has("camera")) cameraMoved();
    if (changed.has("position") && !changed.has("trace")) stepped(before.position, state);
    if (changed.has("layers") || changed.has("theme")) renderer.refresh();
    if (changed.has("lineage") || changed.has("finding") || ((changed.has("chosen") || changed.has("other")) && state.lineage)) renderer.litChanged(state);
    renderer.refreshOverlay();
    player.update(state, changed);
    for (const part of parts) part.update(state, changed);
    label(root, state);
    before = state;
  });

  function cameraMoved() {
    field.close();
    renderer.cameraMoved();
  }

  /** @param {number} from @param {State} state */
  function stepped(from, { position }) {
    if (was.size) renderer.refresh();
    was = new Map();
    renderer.positionMoved(from, position);
    viewpoint.follow(position);
    if (position > from) motion.step();
    else motion.settle();
  }

  /** @param {Trace} trace */
  function adopt(trace) {
    const state = store.get();
    const old = state.trace;
    asked = null;
    const isRedrawn = !old || !sameDrawing(old, trace);
    was = old && !isRedrawn ? rememberedValues(old, trace, state.position, scrub.held() ? was : new Map()) : new Map();
    scene = scene && old?.nodes === trace.nodes ? { ...scene, trace } : buildScene(trace);
    const patch = carried(state, trace);
    renderer.show(patch.position ?? 0);
    motion.settle();
    setAttribute(root, "aria-label", ariaLabel(trace));
    store.set(patch);
    scrub.answer(trace);
    renderer.litChanged(store.get());
    if (isRedrawn && !regrouped(old, trace)) viewpoint.adopt(old);
  }

  /** Groups were opened or closed: one place stays where it is on screen, all else slides. @param {Trace | null} old @param {Trace} trace @returns {boolean} whether that is what happened */
  function regrouped(old, trace) {
    moving = null;
    if (!old || old.program !== trace.program || old.orientation !== trace.orientation || !viewpoint.isOpen()) return false;
    // What is pressed in the other of two linked graphs is chosen in this one.
    const shift = shiftOf(old, trace, [pressed || (trace.twin ? store.get().chosen : "")]) ?? shiftOf(old, trace, viewpoint.nearest(old));
    pressed = "";
    if (!shift) return false;
    viewpoint.hold(shift);
    moving = motion.rearrange() ? rearrangement(old, trace, shift) : null;
    moving?.put(0);
    return true;
  }

  const resized = new ResizeObserver(() => {
    viewpoint.resize();
    renderer.refresh();
  });
  resized.observe(stage);
  const fontsArrived = () => {
    forgetWidths();
    renderer.refresh();
  };
  document.fonts.addEventListener("loadingdone", fontsArrived);
  Object.assign(root, { explorer: Object.assign(createHandle(store.get, renderer.overlay), ...tools.map((tool) => tool.handle)) });
  label(root, store.get());

  return {
    /** @param {Uint8Array | ArrayBuffer | null} data @param {import("./outbox.js").Send} sender */
    receive(data, sender) {
      outbox.connect(sender);
      theme = readTheme(root);
      applyTheme(root, theme);
      store.set({ theme: theme.name });
      renderer.refresh();
      const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
      if (!bytes || (lastBytes && isSame(bytes, lastBytes))) return;
      lastBytes = bytes;
      const trace = decodeOnto(bytes, whole);
      if (!trace) return send("whole", {});
      if (trace.nodes !== whole?.nodes) whole = trace;
      adopt(trace);
    },
    destroy() {
      for (const tool of tools) tool.destroy?.();
      for (const part of [...parts, outbox, player, keys, scrub, motion, renderer]) part.destroy();
      resized.disconnect();
      document.fonts.removeEventListener("loadingdone", fontsArrived);
      root.remove();
    },
  };
}
