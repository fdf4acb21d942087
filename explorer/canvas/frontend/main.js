// @ts-check
/** What Streamlit mounts: one app per place on the page, fed again with every change of data or theme. */

import { createApp } from "./app.js";

/** @type {WeakMap<ShadowRoot | HTMLElement, ReturnType<typeof createApp>>} */
const apps = new WeakMap();

/**
 * @param {object} component
 * @param {Uint8Array | ArrayBuffer | null} component.data  A trace, as explorer/canvas/wire.py writes it.
 * @param {ShadowRoot | HTMLElement} component.parentElement
 * @param {(name: string, value: unknown) => void} component.setTriggerValue
 * @returns {() => void} takes the app off the page
 */
export default function mount({ data, parentElement, setTriggerValue }) {
  let app = apps.get(parentElement);
  if (!app) apps.set(parentElement, (app = createApp(parentElement)));
  const mounted = app;
  mounted.receive(data, (events) => setTriggerValue("event", events));
  return () => {
    mounted.destroy();
    apps.delete(parentElement);
  };
}
