// @ts-check
/** What the canvas tells Python. */

/** @typedef {(events: Record<string, unknown>[]) => void} Send  What has just been sent goes along: see component.py. */

/** Events go along with later ones for so long. */
const RECENT_MS = 1000;
/** A group is mostly pressed to be opened or closed: that comes first, what the page says of it after. */
const DOUBLE_CLICK_MS = 350;

/** @param {() => number} rev  Of the trace that is shown. */
export function createOutbox(rev) {
  /** @type {Send} */
  let transmit = () => {};
  let serial = Date.now();
  let telling = 0;
  /** @type {{event: Record<string, unknown>, at: number}[]} */
  let recent = [];

  /** @param {string} name @param {Record<string, unknown>} payload */
  function send(name, payload) {
    const at = performance.now();
    const event = { serial: ++serial, rev: rev(), name, ...payload };
    recent = [...recent.filter((sent) => at - sent.at < RECENT_MS), { event, at }];
    transmit(recent.map((sent) => sent.event));
  }

  const hush = () => clearTimeout(telling);
  /** Python sees every address, late ones too; only here is it known that one was gone to. */
  const travelled = () => send("address", {});
  window.addEventListener("popstate", travelled);

  return {
    send,
    /** What was selected, at once. @param {string} id */
    tell(id) {
      hush();
      send("select", { id });
    },
    /** The same, unless something else happens to it first. @param {string} id */
    tellLater(id) {
      hush();
      telling = window.setTimeout(() => send("select", { id }), DOUBLE_CLICK_MS);
    },
    /** @param {Send} sender */
    connect(sender) {
      transmit = sender;
    },
    destroy() {
      hush();
      window.removeEventListener("popstate", travelled);
    },
  };
}
