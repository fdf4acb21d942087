// @ts-check
/** The field that lies over a card's number while a new one is typed. */

/** @typedef {import("./scene.js").Rect} Rect */

/** @param {HTMLElement} stage @param {() => void} closed  The keyboard goes back to the canvas. */
export function createField(stage, closed) {
  const input = document.createElement("input");
  input.className = "xp-field";
  input.type = "text";
  input.inputMode = "decimal";
  input.autocomplete = "off";
  input.spellcheck = false;
  input.hidden = true;
  stage.append(input);
  /** @type {(value: number) => void} */
  let take = () => {};

  function close() {
    if (input.hidden) return;
    input.hidden = true;
    closed();
  }

  function commit() {
    if (input.hidden) return;
    const value = parse(input.value);
    if (Number.isNaN(value)) return void input.setAttribute("aria-invalid", "true");
    close();
    take(value);
  }

  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") commit();
    if (event.key === "Escape") close();
  });
  input.addEventListener("input", () => input.removeAttribute("aria-invalid"));
  input.addEventListener("blur", () => (Number.isNaN(parse(input.value)) ? close() : commit()));

  return {
    /** @param {string} label @param {string} text @param {{right: number, middle: number}} place  In CSS pixels of the stage. @param {(value: number) => void} taken */
    open(label, text, { right, middle }, taken) {
      take = taken;
      input.value = text;
      input.setAttribute("aria-label", label);
      input.removeAttribute("aria-invalid");
      input.hidden = false;
      input.style.left = `${Math.max(4, right - input.offsetWidth + 8)}px`;
      input.style.top = `${middle - input.offsetHeight / 2}px`;
      input.focus();
      input.select();
    },
    close,
  };
}

/** A number as people write it; NaN where it is none, or is too large for one. @param {string} text */
function parse(text) {
  const plain = text.trim().replaceAll("−", "-").replace(",", ".");
  const value = plain === "" ? NaN : Number(plain);
  return Number.isFinite(value) ? value : NaN;
}
