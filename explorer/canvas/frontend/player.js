// @ts-check
/** Where the keys lead from a position, and the clock that plays. What a position has reached is in timeline.js. */

/** @typedef {import("./types.js").Actions} Actions */
/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Trace} Trace */
/** @typedef {import("./store.js").Store} Store */

/** @typedef {"next" | "previous" | "nextNode" | "previousNode" | "start" | "end" | "loss"} Move */

/**
 * @typedef {object} Pilot  What leads through the graph in place of the moves and the clock here, while its activity is
 *   at work.
 * @property {() => boolean} isAtWork
 * @property {(kind: Move) => boolean} go  Whether it has.
 * @property {() => boolean} toggle  Play or pause; whether it has.
 */

/** Steps per second, slowest to fastest. */
export const SPEEDS = [0.5, 1, 2, 4, 8, 20];

/**
 * Where a move leads. "nextNode" takes all that one operation still has to hand on at once, "previousNode" takes
 * it back; "loss" is where the forward values end and the gradient starts.
 * @param {Trace} trace @param {number} position @param {Move} kind @returns {number}
 */
export function move(trace, position, kind) {
  const { count, forward } = trace.moments;
  switch (kind) {
    case "next":
      return Math.min(count, position + 1);
    case "previous":
      return Math.max(0, position - 1);
    case "nextNode":
      return groupEnd(trace, position);
    case "previousNode":
      return groupStart(trace, position);
    case "start":
      return 0;
    case "end":
      return count;
    case "loss":
      return forward;
  }
}

/** @param {Trace} trace @param {number} position */
function groupEnd(trace, position) {
  const { count } = trace.moments;
  let end = Math.min(count, position + 1);
  while (end < count && sameNode(trace, position, end)) end++;
  return end;
}

/** @param {Trace} trace @param {number} position */
function groupStart(trace, position) {
  let start = Math.max(0, position - 1);
  while (start > 0 && sameNode(trace, position - 1, start - 1)) start--;
  return start;
}

/** Whether two moments belong to one turn of one operation. @param {Trace} trace @param {number} a @param {number} b */
function sameNode({ moments }, a, b) {
  return moments.node[a] === moments.node[b] && moments.phase[a] === moments.phase[b];
}

/** A move by hand: it stops the clock. @param {Store} store @param {Actions} actions @param {Move} kind */
export function go(store, actions, kind) {
  if (actions.pilot?.go(kind)) return;
  const { trace, position } = store.get();
  store.set({ playing: false });
  if (trace) actions.setPosition(move(trace, position, kind));
}

/** Play or pause; at the end, play starts over. @param {Store} store @param {Actions} actions */
export function togglePlay(store, actions) {
  if (actions.pilot?.toggle()) return;
  const { trace, position, playing } = store.get();
  if (!trace || trace.moments.count === 0) return;
  if (!playing && position >= trace.moments.count) actions.setPosition(0);
  store.set({ playing: !playing });
}

/** The next slower (-1) or faster (1) speed. @param {number} speed @param {-1 | 1} direction */
export function nextSpeed(speed, direction) {
  const beyond = SPEEDS.filter((other) => (other - speed) * direction > 0);
  return beyond.at(direction > 0 ? 0 : -1) ?? speed;
}

/**
 * The clock: while `playing`, one moment every 1 / `speed` seconds, the first at once.
 * @param {Store} store @param {Actions} actions
 */
export function createPlayer(store, actions) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function tick() {
    const { trace, position, speed } = store.get();
    const last = trace?.moments.count ?? 0;
    if (position < last) actions.setPosition(position + 1);
    if (position + 1 >= last) store.set({ playing: false });
    else timer = setTimeout(tick, 1000 / speed);
  }

  return {
    /** @param {State} state @param {ReadonlySet<keyof State>} changed */
    update(state, changed) {
      if (!changed.has("playing") && !changed.has("speed")) return;
      clearTimeout(timer);
      if (state.playing && !actions.pilot?.isAtWork()) timer = setTimeout(tick, changed.has("playing") ? 0 : 1000 / state.speed);
    },
    destroy: () => clearTimeout(timer),
  };
}
