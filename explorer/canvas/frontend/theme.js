// @ts-check
/**
 * Colours and fonts of both themes. Streamlit's own variables give the surface, text, hairline and fonts;
 * everything else is ours and is chosen by how light that surface is.
 */

/** @typedef {import("./types.js").ThemeName} ThemeName */

/**
 * @typedef {{mark: string, text: string, tint: string, strong: string, solid: string, on: string}} Role
 * @typedef {object} Palette
 * @property {string} card
 * @property {string} raised
 * @property {string} sunken
 * @property {string} text2
 * @property {string} text3
 * @property {string} strong  Outlines that must be seen.
 * @property {string} edge
 * @property {string} ink
 * @property {string} shadow
 * @property {Role} forward
 * @property {Role} gradient
 * @property {Role} parameter
 * @property {Role} constant
 * @property {Role} input
 * @property {Role} output
 * @property {Role} error
 * @property {string[]} diverging  From most negative over zero to most positive.
 *
 * @typedef {Palette & {name: ThemeName, surface: string, text: string, line: string, primary: string,
 *   font: string, code: string, math: string}} Theme
 */

export const MATH_FONT =
  '"STIX Two Math", "Cambria Math", "Latin Modern Math", "Times New Roman", "Liberation Serif", serif';
const UI_FONT = '-apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const CODE_FONT = 'ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace';

/** @param {string[]} hex @returns {Role} */
const role = ([mark, text, tint, strong, solid, on]) => ({ mark, text, tint, strong, solid, on });

/** @type {Record<ThemeName, Palette & {surface: string, text: string, line: string, primary: string}>} */
const PALETTES = {
  light: {
    surface: "#FFFFFF",
    text: "#31333F",
    line: "#DCDFE6",
    primary: "#0068A6",
    card: "#FFFFFF",
    raised: "#FFFFFF",
    sunken: "#F7F8FA",
    text2: "#565A69",
    text3: "#666A79",
    strong: "#868B9A",
    edge: "#787D8C",
    ink: "#1F2130",
    shadow: "0 1px 2px rgba(20,24,40,.06), 0 6px 20px rgba(20,24,40,.08)",
    forward: role(["#0068A6", "#0068A6", "#E6F0F6", "#C7DEEB", "#0068A6", "#FFFFFF"]),
    gradient: role(["#D55E00", "#BC4700", "#FBEFE6", "#F6DCC7", "#D55E00", "#10131A"]),
    parameter: role(["#009E73", "#007D54", "#E6F5F1", "#C7EAE0", "#009E73", "#10131A"]),
    constant: role(["#585E6B", "#585E6B", "#EEEFF0", "#DADCDE", "#585E6B", "#FFFFFF"]),
    input: role(["#3092C0", "#0075A1", "#EAF4F9", "#D1E7F1", "#3092C0", "#10131A"]),
    output: role(["#5E1457", "#5E1457", "#EFE8EE", "#DCCBDA", "#5E1457", "#FFFFFF"]),
    error: role(["#A30016", "#A30016", "#F6E6E8", "#EBC7CC", "#A30016", "#FFFFFF"]),
    diverging: [
      "#8A3A00", "#B95B1A", "#DF8447", "#EFB88D", "#F1D8C2", "#ECEDF0",
      "#C4DAEB", "#94BFE1", "#5295CA", "#256EA7", "#004A80",
    ],
  },
  dark: {
    surface: "#0E1117",
    text: "#FAFAFA",
    line: "#2C323F",
    primary: "#3C9BE6",
    card: "#171B24",
    raised: "#1D222D",
    sunken: "#131720",
    text2: "#B9BECB",
    text3: "#9BA1B0",
    strong: "#6F7688",
    edge: "#727A8C",
    ink: "#FFFFFF",
    shadow: "0 1px 2px rgba(0,0,0,.5), 0 8px 28px rgba(0,0,0,.45)",
    forward: role(["#3C9BE6", "#45A3EE", "#1E354B", "#275379", "#3C9BE6", "#10131A"]),
    gradient: role(["#F0883A", "#F0883A", "#423128", "#764B2E", "#F0883A", "#10131A"]),
    parameter: role(["#2DC79A", "#2DC79A", "#1B3D3C", "#216758", "#2DC79A", "#10131A"]),
    constant: role(["#9FA7B6", "#9FA7B6", "#323741", "#535964", "#9FA7B6", "#10131A"]),
    input: role(["#B4E9FF", "#B4E9FF", "#364450", "#5C7684", "#B4E9FF", "#10131A"]),
    output: role(["#A8628E", "#C77FAC", "#342939", "#573A53", "#A45E8A", "#FFFFFF"]),
    error: role(["#DE3456", "#FE556F", "#3F202E", "#6F263A", "#DA2F53", "#FFFFFF"]),
    diverging: [
      "#FFC08A", "#F29B5A", "#D5762F", "#9C5521", "#63412F", "#2A2F3A",
      "#274663", "#246191", "#3687C8", "#6AB0EA", "#A9DBFF",
    ],
  },
};

const ROLES = /** @type {const} */ (["forward", "gradient", "parameter", "constant", "input", "output", "error"]);

/** The theme that Streamlit has set on the page around `element`. @param {HTMLElement} element @returns {Theme} */
export function readTheme(element) {
  const style = getComputedStyle(element);
  /** @param {string} name */
  const set = (name) => style.getPropertyValue(name).trim();
  const background = set("--st-background-color");
  const name = background && luminance(background) <= 0.4 ? "dark" : "light";
  const palette = PALETTES[name];
  return {
    ...palette,
    name,
    surface: background || palette.surface,
    text: set("--st-text-color") || palette.text,
    line: set("--st-border-color") || palette.line,
    primary: set("--st-primary-color") || palette.primary,
    font: set("--st-font") || UI_FONT,
    code: set("--st-code-font") || CODE_FONT,
    math: MATH_FONT,
  };
}

/** Hands the theme to the style sheets as `--xp-…`. @param {HTMLElement} root @param {Theme} theme */
export function applyTheme(root, theme) {
  for (const [key, value] of Object.entries(theme)) {
    if (typeof value === "string" && key !== "name") root.style.setProperty(`--xp-${key}`, value);
  }
  for (const key of ROLES) {
    for (const [part, value] of Object.entries(theme[key])) {
      root.style.setProperty(part === "mark" ? `--xp-${key}` : `--xp-${key}-${part}`, value);
    }
  }
  root.style.colorScheme = theme.name;
  root.dataset.theme = theme.name;
}

/** Relative luminance of WCAG 2 of any CSS colour. @param {string} color */
function luminance(color) {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return 1;
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((byte) => {
    const c = byte / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
