// Builds elements. Text is always text: nothing that somebody wrote can become markup.

/** An element with attributes (`on…`: a listener) and children; null, undefined and false are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const $ = (id) => document.getElementById(id);

/** A link, when the address is one for the web or for mail; else its text. Ours stay in this tab. */
export function link(address, ...children) {
  let url;
  try {
    url = new URL(address, location.href);
  } catch {
    return h("span", {}, ...children);
  }
  if (!["http:", "https:", "mailto:"].includes(url.protocol)) return h("span", {}, ...children);
  if (url.origin === location.origin) return h("a", { href: url.href }, ...children);
  const elsewhere = h("span", { class: "unseen" }, " (opens in a new tab)");
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, ...children, elsewhere);
}

/**
 * Make a list show these items, touching only what changed. `draw(item)` gives an <li>; `key` and `print` (everything
 * that it shows, as text) tell which and whether. The focus stays where it was, also inside a redrawn item.
 */
export function sync(list, items, { key, print, draw }) {
  const before = new Map([...list.children].map((child) => [child.dataset.key, child]));
  let place = list.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const text = print(item);
    let child = before.get(name);
    before.delete(name);
    if (!child || child.print !== text) {
      const drawn = draw(item);
      drawn.dataset.key = name;
      drawn.print = text;
      if (child) {
        if (child === place) place = drawn;
        replaceKeepingFocus(child, drawn);
      }
      child = drawn;
    }
    if (child === place) place = place.nextElementSibling;
    else list.insertBefore(child, place);
  }
  for (const gone of before.values()) gone.remove();
}

function replaceKeepingFocus(old, drawn) {
  const active = document.activeElement;
  const name = old.contains(active) ? active.dataset.focus || "" : null;
  old.replaceWith(drawn);
  if (name === null) return;
  const same = name && drawn.querySelector(`[data-focus="${CSS.escape(name)}"]:not(:disabled)`);
  (same || drawn).focus();
}
