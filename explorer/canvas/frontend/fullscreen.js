// @ts-check
/** The canvas on the whole screen, together with the one that it is linked with. */

/** All canvases on the page. @type {Set<HTMLElement>} */
export const canvases = new Set();

/** @param {HTMLElement} root */
const treeOf = (root) => /** @type {Document | ShadowRoot} */ (root.getRootNode());

/** @param {HTMLElement} root @returns {Element} */
function hostOf(root) {
  const tree = treeOf(root);
  return tree instanceof ShadowRoot ? tree.host : root;
}

/** What takes the screen: of several canvases what is around all. @param {HTMLElement} root @returns {Element} */
function frameOf(root) {
  const hosts = [...canvases].map(hostOf);
  if (hosts.length < 2) return root;
  let frame = hosts[0];
  while (frame.parentElement && !hosts.every((host) => frame.contains(host))) frame = frame.parentElement;
  return frame;
}

/** @param {HTMLElement} root */
export function isFullScreen(root) {
  const frame = frameOf(root);
  return (frame === root ? treeOf(root) : document).fullscreenElement === frame;
}

/** Gives the canvas the whole screen or takes it back; a browser may refuse, then all stays as it is. @param {HTMLElement} root */
export function toggleFullScreen(root) {
  if (!document.fullscreenEnabled) return;
  const asked = isFullScreen(root) ? document.exitFullscreen() : frameOf(root).requestFullscreen();
  asked.catch(() => {});
}
