// Three viewers behind one face: show a graph whole, pan it, and light one node after the other as a step does.
// vis-network and Cytoscape.js draw straight edges and plain boxes: less than the canvas draws.

const SIZE = { width: 1200, height: 800 };

function room() {
  const place = document.createElement("div");
  Object.assign(place.style, { width: `${SIZE.width}px`, height: `${SIZE.height}px`, display: "block", position: "relative" });
  document.body.append(place);
  return place;
}

/** @param {string} blob  In base 64. */
async function canvas(blob) {
  const { default: mount } = await import("/frontend/main.js");
  const place = room();
  const parentElement = place.attachShadow({ mode: "open" });
  for (const name of ["style.css", "chrome.css"]) {
    const sheet = document.createElement("link");
    Object.assign(sheet, { rel: "stylesheet", href: `/frontend/${name}` });
    parentElement.append(sheet);
  }
  await Promise.all([...parentElement.querySelectorAll("link")].map((sheet) => new Promise((done) => (sheet.onload = sheet.onerror = done))));
  const show = (data) => mount({ data, parentElement, setTriggerValue() {} });
  const data = Uint8Array.from(atob(blob), (letter) => letter.charCodeAt(0));
  const close = show(data);
  const root = parentElement.querySelector(".xp-root");
  root.style.height = `${SIZE.height}px`;
  const key = (name) => root.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, composed: true }));
  const overlay = parentElement.querySelector(".xp-overlay");
  return {
    ready: () => key("f"),
    start: () => key("Home"),
    pan: (dx) => overlay.dispatchEvent(new WheelEvent("wheel", { deltaX: -dx, deltaY: 0.5, deltaMode: 0, bubbles: true, cancelable: true })),
    step: () => key("ArrowRight"),
    data,
    show,
    close() {
      close();
      place.remove();
    },
  };
}

function visNetwork({ nodes, edges }) {
  const place = room();
  const shown = new vis.DataSet(nodes.map(([id, x, y, w], at) => ({ id: at, label: id, x, y, shape: "box", widthConstraint: w })));
  const network = new vis.Network(
    place,
    { nodes: shown, edges: edges.map(([from, to]) => ({ from, to, arrows: "to", smooth: false })) },
    { physics: false, layout: { improvedLayout: false }, interaction: { dragNodes: false, hover: false } },
  );
  let lit = -1;
  return {
    ready: () => network.fit({ animation: false }),
    start() {},
    pan(dx) {
      const { x, y } = network.getViewPosition();
      network.moveTo({ position: { x: x - dx / network.getScale(), y }, animation: false });
    },
    step() {
      const before = lit >= 0 ? [{ id: lit, color: { background: "#e8f1fa" } }] : [];
      lit = (lit + 1) % nodes.length;
      shown.update([...before, { id: lit, color: { background: "#0068a9" } }]);
    },
    close() {
      network.destroy();
      place.remove();
    },
  };
}

function cytoscapeJs({ nodes, edges }) {
  const place = room();
  const graph = cytoscape({
    container: place,
    elements: {
      nodes: nodes.map(([id, x, y, w, h], at) => ({ data: { id: String(at), label: id, w, h }, position: { x, y } })),
      edges: edges.map(([source, target], at) => ({ data: { id: `e${at}`, source: String(source), target: String(target) } })),
    },
    style: [
      { selector: "node", style: { shape: "round-rectangle", width: "data(w)", height: "data(h)", label: "data(label)", "text-valign": "center" } },
      { selector: "edge", style: { "curve-style": "straight", "target-arrow-shape": "triangle" } },
      { selector: ".lit", style: { "background-color": "#0068a9" } },
    ],
    layout: { name: "preset" },
  });
  let lit = -1;
  return {
    ready: () => graph.fit(undefined, 20),
    start() {},
    pan: (dx) => graph.panBy({ x: dx, y: 0 }),
    step() {
      if (lit >= 0) graph.getElementById(String(lit)).removeClass("lit");
      lit = (lit + 1) % nodes.length;
      graph.getElementById(String(lit)).addClass("lit");
    },
    close() {
      graph.destroy();
      place.remove();
    },
  };
}

export const VIEWERS = {
  canvas: (blob) => canvas(blob),
  vis: async (_, graph) => visNetwork(graph),
  cytoscape: async (_, graph) => cytoscapeJs(graph),
};

const frame = () => new Promise((done) => requestAnimationFrame(done));

/** The times between frames while something is done in each; the browser runs without a limit of frames. */
async function frames(count, act) {
  const times = [];
  let before = await frame();
  for (let turn = 0; turn < count; turn++) {
    act(turn);
    const now = await frame();
    times.push(now - before);
    before = now;
  }
  return times;
}

/** Start to first frame, then panning to and fro, then steps, in ms. */
export async function measure(name, blob, graph, count) {
  const since = performance.now();
  const viewer = await VIEWERS[name](blob, graph);
  viewer.ready();
  await frame();
  await frame();
  const start = performance.now() - since;
  await frames(5, (turn) => viewer.pan(turn % 2 ? 3 : -3));
  const pan = await frames(count, (turn) => viewer.pan(turn % 20 < 10 ? 3 : -3));
  await new Promise((done) => setTimeout(done, 300));
  viewer.start();
  await frames(5, () => viewer.step());
  const step = await frames(count, () => viewer.step());
  viewer.close();
  return { start, pan: pan.slice(1), step: step.slice(1) };
}
