// @ts-check
/** The one place where the canvas keeps what it shows. */

/**
 * @typedef {import("./types.js").State} State
 * @typedef {(state: State, changed: ReadonlySet<keyof State>) => void} Listener
 * @typedef {ReturnType<typeof createStore>} Store
 */

/** @returns {State} what a canvas starts with, before any trace has come. */
export function initialState() {
  return {
    trace: null,
    position: 0,
    playing: false,
    speed: 1,
    selected: -1,
    hovered: -1,
    hoveredEdge: -1,
    pressed: -1,
    focused: -1,
    chosen: "",
    chosenIn: [],
    selectedGroup: -1,
    focusedGroup: -1,
    layers: { values: true, gradients: true, locals: true, bytes: false },
    coloring: "",
    lineage: "",
    other: "",
    finding: null,
    walking: false,
    camera: { x: 0, y: 0, k: 1 },
    theme: "light",
    help: false,
  };
}

/**
 * State is replaced, never changed in place; listeners hear which keys differ.
 * A `set` from within a listener is told after the round in progress.
 *
 * @param {State} initial
 */
export function createStore(initial) {
  let state = initial;
  /** @type {Set<Listener>} */
  const listeners = new Set();
  /** @type {Set<keyof State>} */
  let pending = new Set();
  let telling = false;

  function tell() {
    telling = true;
    while (pending.size) {
      const changed = pending;
      pending = new Set();
      for (const listener of [...listeners]) listener(state, changed);
    }
    telling = false;
  }

  return {
    get: () => state,
    /** @param {Partial<State>} patch */
    set(patch) {
      const keys = /** @type {(keyof State)[]} */ (Object.keys(patch));
      const changed = keys.filter((key) => !Object.is(state[key], patch[key]));
      if (!changed.length) return;
      state = { ...state, ...patch };
      changed.forEach((key) => pending.add(key));
      if (!telling) tell();
    },
    /** @param {Listener} listener @returns {() => void} stops listening */
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
