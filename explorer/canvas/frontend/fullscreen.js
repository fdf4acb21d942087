// @ts-check
/** The canvas on the whole screen. */

/** @param {HTMLElement} root */
export function isFullScreen(root) {
  return /** @type {Document | ShadowRoot} */ (root.getRootNode()).fullscreenElement === root;
}

/** Gives the canvas the whole screen or takes it back; a browser may refuse, then all stays as it is. @param {HTMLElement} root */
export function toggleFullScreen(root) {
  if (!document.fullscreenEnabled) return;
  const asked = isFullScreen(root) ? document.exitFullscreen() : root.requestFullscreen();
  asked.catch(() => {});
}
