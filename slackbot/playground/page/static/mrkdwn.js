// Slack's mrkdwn as elements. Knows texts only; who somebody is, it asks the `names` that it is given.

import { h, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { full, shaped } from "./time.js";

const INLINE = new RegExp(
  [
    "<([^<>\\n]+)>", // 1 control: mention, link, date
    "`([^`\\n]+)`", // 2 code
    "(?<![\\w*])\\*(?=\\S)([^*\\n]*?[^\\s*])\\*(?![\\w*])", // 3 bold
    "(?<![\\w_])_(?=\\S)([^_\\n]*?[^\\s_])_(?![\\w_])", // 4 italic
    "(?<![\\w~])~(?=\\S)([^~\\n]*?[^\\s~])~(?![\\w~])", // 5 struck
    ":([a-z0-9_+-]+):", // 6 emoji
    "(?<![\\w/])(https?://[^\\s<>|]*[^\\s<>|.,;:!?)\\]'\"])", // 7 a bare address
  ].join("|"),
  "g",
);

export const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** A text object or a message's text as nodes. `names`: {you, people, groups, channels}. `bare`: link bare addresses. */
export function mrkdwn(text, names, { bare = false } = {}) {
  const found = document.createDocumentFragment();
  text.split(/```([\s\S]*?)```/).forEach((piece, place) => {
    if (place % 2) found.append(h("pre", {}, h("code", {}, codeText(piece.replace(/^\n|\n$/g, "")))));
    else found.append(...paragraphs(trimmed(piece, place, text), names, bare));
  });
  return found;
}

/** plain_text: emoji shortcodes, nothing else. */
export function plain(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => emoji(name) ?? whole);
}

/** A code block stands on lines of its own, so the line breaks around it are not seen twice. */
function trimmed(piece, place, text) {
  const start = place > 0 ? piece.replace(/^\n/, "") : piece;
  return text.includes("```") ? start.replace(/\n$/, "") : start;
}

function paragraphs(text, names, bare) {
  const groups = [];
  for (const line of text ? text.split("\n") : []) {
    const quoted = /^(?:>|&gt;) ?(.*)$/.exec(line);
    const last = groups.at(-1);
    const content = quoted ? quoted[1] : line;
    if (last && last.quote === Boolean(quoted)) last.lines.push(content);
    else groups.push({ quote: Boolean(quoted), lines: [content] });
  }
  return groups.map(({ quote, lines }) => {
    const nodes = inline(lines.join("\n"), names, bare);
    return quote ? h("blockquote", {}, nodes) : h("span", { class: "text" }, nodes);
  });
}

function inline(text, names, bare) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    const node = drawn(found, names, bare);
    if (node === null) continue;
    if (found.index > end) nodes.push(unescape(text.slice(end, found.index)));
    nodes.push(node);
    end = found.index + found[0].length;
  }
  if (end < text.length) nodes.push(unescape(text.slice(end)));
  return nodes;
}

function drawn(found, names, bare) {
  const [, control, code, bold, italic, struck, shortcode, address] = found;
  if (control !== undefined) return controlNode(control, names);
  if (code !== undefined) return h("code", {}, codeText(code));
  if (bold !== undefined) return h("strong", {}, inline(bold, names, bare));
  if (italic !== undefined) return h("em", {}, inline(italic, names, bare));
  if (struck !== undefined) return h("s", {}, inline(struck, names, bare));
  if (shortcode !== undefined) return emoji(shortcode);
  return bare ? link(unescape(address), unescape(address)) : null;
}

/** Inside code Slack still writes mentions and links as their names. */
function codeText(text) {
  return unescape(text.replace(/<(?:https?:[^<>|\n]*\|)?([^<>\n]+)>/g, "$1"));
}

function controlNode(control, names) {
  const [target, label] = split(control);
  if (target.startsWith("@")) return person(target.slice(1), label, names);
  if (target.startsWith("#")) return h("span", { class: "mention" }, `#${names.channels[target.slice(1)] ?? label ?? "channel"}`);
  if (target.startsWith("!date^")) return moment(target, label);
  if (target.startsWith("!subteam^")) {
    return h("span", { class: "mention" }, `@${names.groups[target.slice("!subteam^".length)] ?? label ?? "group"}`);
  }
  if (target.startsWith("!")) return h("span", { class: "mention you" }, `@${unescape(label ?? target.slice(1))}`);
  return link(unescape(target), unescape(label ?? target));
}

function person(id, label, names) {
  const name = names.people[id]?.name ?? (label && unescape(label)) ?? id;
  return h("span", { class: id === names.you ? "mention you" : "mention" }, `@${name}`);
}

function moment(target, fallback) {
  const [, seconds = "", shape = "", address] = target.split("^");
  const text = shaped(seconds, unescape(shape));
  if (text === null) return unescape(fallback ?? "");
  const at = new Date(Number(seconds) * 1000);
  const node = h("time", { datetime: at.toISOString(), title: full(at) }, text);
  return address ? link(unescape(address), node) : node;
}

function split(control) {
  const bar = control.indexOf("|");
  return bar < 0 ? [control, undefined] : [control.slice(0, bar), control.slice(bar + 1)];
}
