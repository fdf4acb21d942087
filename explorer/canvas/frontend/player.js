// The position in a trace: what it has reached, where the keys lead from it, and the clock that plays it.
//
// Position p means that the first p moments are done; the moment just shown is p - 1. Everything that a position
// implies is looked up in indices built once per trace, so that moving anywhere costs the same as moving by one.

/** @typedef {import("./wire.js").Trace} Trace */
/** @typedef {import("./store.js").State} State */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./main.js").Actions} Actions */

export const FORWARD = 1;
export const BACKWARD = 2;
export const TANGENT = 3;

/** Steps per second, slowest to fastest. */
export const SPEEDS = [0.5, 1, 2, 4, 8, 20];

/**
 * The moment just shown.
 * @typedef {object} Active
 * @property {number} moment
 * @property {number} phase 1 forward, 2 backward, 3 tangent
 * @property {number} node the operation at work
 * @property {number} edge the edge a gradient or tangent travels, or -1
 * @property {number} receiver the node where the number lands
 */

/** @typedef {"idle" | "unreached" | "active-forward" | "active-backward" | "done"} NodeState */
/** @typedef {"structure" | "unreached" | "active-forward" | "active-backward" | "passed"} EdgeState */

/**
 * What a position implies for every node and edge.
 * @typedef {object} Playback
 * @property {(position: number) => Playback} seek
 * @property {() => number} position
 * @property {() => (Active | null)} active
 * @property {(node: number) => NodeState} nodeState
 * @property {(edge: number) => EdgeState} edgeState
 * @property {(node: number) => boolean} valueKnown leaves are given; an operation's value is known once its moment is done
 * @property {(node: number) => (number | null)} gradient the sum that has arrived so far (forward mode: the tangent), null before the first arrival
 * @property {(node: number) => boolean} gradientExpected whether any moment of this trace brings this node a gradient
 * @property {(edge: number) => boolean} edgePassed whether the edge's contribution has travelled
 */

/**
 * The node where the number of a moment lands.
 * @param {Trace} trace
 * @param {number} moment
 */
export function receiver(trace, moment) {
  const edge = trace.moments.edge[moment];
  if (edge < 0) return trace.moments.node[moment];
  return trace.moments.phase[moment] === BACKWARD ? trace.edges.source[edge] : trace.edges.target[edge];
}

/**
 * The moment just shown at a position, or null at the start.
 * @param {Trace} trace
 * @param {number} position
 * @returns {Active | null}
 */
export function activeAt(trace, position) {
  if (position < 1) return null;
  const moment = position - 1;
  const { phase, node, edge } = trace.moments;
  return {
    moment,
    phase: phase[moment],
    node: node[moment],
    edge: edge[moment],
    receiver: receiver(trace, moment),
  };
}

/**
 * @param {Trace} trace
 * @returns {Playback}
 */
export function createPlayback(trace) {
  const valueMoment = forwardMoments(trace);
  const edgeMoment = edgeMoments(trace);
  const arrivals = arrivalLists(trace);
  const { moments, nodes, edges } = trace;
  let position = 0;
  /** @type {Active | null} */
  let active = null;

  /** @param {number} node */
  const expected = (node) => arrivals.starts[node + 1] > arrivals.starts[node];
  /** @param {number} node */
  const computed = (node) => valueMoment[node] >= 0 && valueMoment[node] < position;

  /** @type {Playback} */
  const playback = {
    seek(next) {
      position = Math.max(0, Math.min(moments.count, next));
      active = activeAt(trace, position);
      return playback;
    },
    position: () => position,
    active: () => active,
    nodeState(node) {
      if (!active || active.phase === FORWARD) {
        if (active && active.node === node) return "active-forward";
        return computed(node) ? "done" : "unreached";
      }
      if (active.receiver === node) return "active-backward";
      if (!expected(node)) return "idle";
      return lastArrival(arrivals, node, position) < 0 ? "unreached" : "done";
    },
    edgeState(edge) {
      if (!active || active.phase === FORWARD) {
        const target = edges.target[edge];
        if (active && active.node === target) return "active-forward";
        return computed(target) ? "structure" : "unreached";
      }
      if (active.edge === edge) return "active-backward";
      return playback.edgePassed(edge) ? "passed" : "unreached";
    },
    valueKnown: (node) => nodes.kind[node] !== 0 || computed(node),
    gradient(node) {
      const moment = lastArrival(arrivals, node, position);
      return moment < 0 ? null : moments.after[moment];
    },
    gradientExpected: expected,
    edgePassed: (edge) => edgeMoment[edge] >= 0 && edgeMoment[edge] < position,
  };
  return playback;
}

/**
 * Per node the moment that computes its value, or -1.
 * @param {Trace} trace
 */
function forwardMoments(trace) {
  const found = new Int32Array(trace.nodes.count).fill(-1);
  for (let m = 0; m < trace.moments.forward; m++) found[trace.moments.node[m]] = m;
  return found;
}

/**
 * Per edge the moment at which its contribution travels, or -1.
 * @param {Trace} trace
 */
function edgeMoments(trace) {
  const found = new Int32Array(trace.edges.count).fill(-1);
  const { edge, forward, count } = trace.moments;
  for (let m = forward; m < count; m++) if (edge[m] >= 0) found[edge[m]] = m;
  return found;
}

/**
 * Per node the moments that bring it a gradient or tangent, in order: those of node i lie in
 * `list[starts[i]]` up to `list[starts[i + 1]]`.
 * @typedef {{ starts: Uint32Array, list: Uint32Array }} Arrivals
 */

/**
 * @param {Trace} trace
 * @returns {Arrivals}
 */
function arrivalLists(trace) {
  const { forward, count } = trace.moments;
  const starts = new Uint32Array(trace.nodes.count + 1);
  for (let m = forward; m < count; m++) starts[receiver(trace, m) + 1]++;
  for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
  const fill = starts.slice();
  const list = new Uint32Array(count - forward);
  for (let m = forward; m < count; m++) list[fill[receiver(trace, m)]++] = m;
  return { starts, list };
}

/**
 * The last moment before `position` that brought `node` something, or -1. Logarithmic in the arrivals.
 * @param {Arrivals} arrivals
 * @param {number} node
 * @param {number} position
 */
function lastArrival({ starts, list }, node, position) {
  let low = starts[node];
  let high = starts[node + 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < position) low = middle + 1;
    else high = middle;
  }
  return low > starts[node] ? list[low - 1] : -1;
}

/** @typedef {"next" | "previous" | "nextNode" | "previousNode" | "start" | "end" | "loss"} Move */

/**
 * Where a move leads from a position. "nextNode" takes all that one operation still has to hand on at once,
 * "previousNode" takes it back; "loss" is where the forward values end.
 * @param {Trace} trace
 * @param {number} position
 * @param {Move} kind
 * @returns {number}
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

/**
 * @param {Trace} trace
 * @param {number} position
 */
function groupEnd(trace, position) {
  const { count } = trace.moments;
  if (position >= count) return count;
  let end = position + 1;
  while (end < count && sameGroup(trace, position, end)) end++;
  return end;
}

/**
 * @param {Trace} trace
 * @param {number} position
 */
function groupStart(trace, position) {
  if (position < 1) return 0;
  let start = position - 1;
  while (start > 0 && sameGroup(trace, position - 1, start - 1)) start--;
  return start;
}

/**
 * @param {Trace} trace
 * @param {number} a
 * @param {number} b
 */
function sameGroup({ moments }, a, b) {
  return moments.node[a] === moments.node[b] && moments.phase[a] === moments.phase[b];
}

/**
 * A move by hand: it stops the clock.
 * @param {Store} store
 * @param {Actions} actions
 * @param {Move} kind
 */
export function go(store, actions, kind) {
  const { trace, position } = store.get();
  store.set({ playing: false });
  if (trace) actions.setPosition(move(trace, position, kind));
}

/**
 * Play, or pause; at the end play starts over.
 * @param {Store} store
 * @param {Actions} actions
 */
export function togglePlay(store, actions) {
  const { trace, position, playing } = store.get();
  if (!trace || trace.moments.count === 0) return;
  if (!playing && position >= trace.moments.count) actions.setPosition(0);
  store.set({ playing: !playing });
}

/**
 * The next slower (-1) or faster (+1) speed.
 * @param {number} speed
 * @param {-1 | 1} direction
 */
export function changeSpeed(speed, direction) {
  const faster = SPEEDS.filter((s) => s > speed);
  const slower = SPEEDS.filter((s) => s < speed);
  return (direction > 0 ? faster[0] : slower[slower.length - 1]) ?? speed;
}

/**
 * The clock: while `playing`, one step per 1 / `speed` seconds.
 * @param {Store} store
 * @param {Actions} actions
 */
export function createPlayer(store, actions) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function tick() {
    const { trace, position, speed } = store.get();
    const last = trace ? trace.moments.count : 0;
    if (position < last) actions.setPosition(position + 1);
    if (position + 1 >= last) store.set({ playing: false });
    else timer = setTimeout(tick, 1000 / speed);
  }

  /**
   * @param {State} state
   * @param {ReadonlySet<string>} changed
   */
  function update(state, changed) {
    if (!changed.has("playing") && !changed.has("speed")) return;
    clearTimeout(timer);
    if (state.playing) timer = setTimeout(tick, changed.has("playing") ? 0 : 1000 / state.speed);
  }

  return { update, destroy: () => clearTimeout(timer) };
}
