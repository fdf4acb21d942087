// @ts-check
/** The colours of segments A to H, in order; further ones begin again. Neighbours stay apart in every kind of vision. */

/**
 * @typedef {import("../theme.js").Theme} Theme
 * @typedef {{mark: string, text: string, tint: string, on: string}} Hue
 */

/** @param {string[]} hex @returns {Hue} */
const hue = ([mark, text, tint, on]) => ({ mark, text, tint, on });

const HUES = {
  light: [
    hue(["#428FBE", "#2273A1", "#E7F4FC", "#10131A"]),
    hue(["#743058", "#743058", "#F8ECF3", "#FFFFFF"]),
    hue(["#776300", "#776300", "#FBF8E0", "#FFFFFF"]),
    hue(["#136297", "#136297", "#DBEBF4", "#FFFFFF"]),
    hue(["#CD6B40", "#AB4D20", "#F9E8DB", "#10131A"]),
    hue(["#006240", "#006240", "#DBF1EB", "#FFFFFF"]),
    hue(["#583200", "#583200", "#FCF2DB", "#FFFFFF"]),
    hue(["#6C7482", "#606977", "#EAEBED", "#FFFFFF"]),
  ],
  dark: [
    hue(["#9FE4FF", "#9FE4FF", "#212C35", "#10131A"]),
    hue(["#E697BB", "#E697BB", "#2A222C", "#10131A"]),
    hue(["#FDF048", "#FDF048", "#2D2E1D", "#10131A"]),
    hue(["#3C84C6", "#4C94D7", "#14202E", "#10131A"]),
    hue(["#FF986C", "#FF986C", "#2D2322", "#10131A"]),
    hue(["#0C906C", "#2FA27E", "#0C2122", "#10131A"]),
    hue(["#AE7700", "#BD8621", "#231E14", "#10131A"]),
    hue(["#707685", "#8A90A0", "#1B1E25", "#FFFFFF"]),
  ],
};

/** @param {Theme} theme @param {number} segment */
export const hueOf = ({ name }, segment) => HUES[name][segment % HUES[name].length];

/** @param {number} segment */
export const letterOf = (segment) => String.fromCharCode(65 + segment);

/** Thumbnails keep their pattern, from most negative to most positive. */
const GREYS = {
  light: ["#3F4350", "#5A5F6D", "#787D8C", "#9BA0AD", "#C2C6CF", "#ECEDF0", "#D6D9E0", "#B4B9C5", "#9298A7", "#727888", "#545A69"],
  dark: ["#D8DCE6", "#B2B8C6", "#8D93A4", "#6A7080", "#474D5B", "#2A2F3A", "#3A404D", "#565D6C", "#747B8B", "#949BAB", "#B6BCCA"],
};

/** Blue and orange are withdrawn from nodes and edges, and the ground shows through frames. @param {Theme} theme @returns {Theme} */
export function withdrawn(theme) {
  const plain = { mark: theme.strong, text: theme.text, tint: theme.card, strong: theme.card, solid: theme.strong, on: theme.card };
  const veil = theme.name === "dark" ? "rgba(14, 17, 23, 0.35)" : "rgba(255, 255, 255, 0.45)";
  return { ...theme, forward: plain, gradient: plain, sunken: veil, surface: veil, diverging: GREYS[theme.name] };
}
