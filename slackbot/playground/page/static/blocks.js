// Block Kit as elements. `doing.click(element, value)` carries out a click; `doing.names` knows people and channels.

import { h, link } from "./dom.js";
import { mrkdwn, plain } from "./mrkdwn.js";

const STYLES = { primary: "primary", danger: "danger" };

/** The elements of a message's blocks. */
export function blocks(list, doing) {
  return list.map((block) => block && DRAW[block.type] ? DRAW[block.type](block, doing) : unknown(block));
}

/** A text object: mrkdwn or plain_text. */
export function text(object, doing) {
  if (!object) return null;
  if (object.type === "mrkdwn") return mrkdwn(String(object.text), doing.names, { bare: object.verbatim !== true });
  return h("span", { class: "text" }, plain(String(object.text ?? "")));
}

const DRAW = {
  header: (block) => h("p", { class: "block header", role: "heading", "aria-level": "3" }, plain(block.text?.text ?? "")),
  divider: () => h("hr", { class: "block" }),
  section,
  context,
  actions,
  image: (block) => picture(block, "block image"),
  markdown: (block) => h("div", { class: "block text" }, String(block.text ?? "")),
  rich_text: (block, doing) => h("div", { class: "block" }, (block.elements ?? []).map((part) => rich(part, doing))),
};

function section(block, doing) {
  const fields = (block.fields ?? []).map((field) => h("div", { class: "field" }, text(field, doing)));
  return h(
    "div",
    { class: "block section" },
    h("div", { class: "words" }, text(block.text, doing), fields.length ? h("div", { class: "fields" }, fields) : null),
    block.accessory ? h("div", { class: "accessory" }, element(block.accessory, doing)) : null,
  );
}

function context(block, doing) {
  const parts = (block.elements ?? []).map((part) =>
    part.type === "image" ? picture(part, "icon") : h("span", {}, text(part, doing)),
  );
  return h("div", { class: "block context" }, parts);
}

function actions(block, doing) {
  return h("div", { class: "block actions" }, (block.elements ?? []).map((part) => element(part, doing)));
}

function element(part, doing) {
  if (part.type === "button") return button(part, doing);
  if (["static_select", "radio_buttons", "overflow"].includes(part.type)) return menu(part, doing);
  if (part.type === "image") return picture(part, "icon");
  return unknown(part);
}

function button(part, doing) {
  const label = plain(part.text?.text ?? "");
  const shown = h(
    "button",
    { type: "button", class: `action ${STYLES[part.style] ?? ""}`, "data-focus": `${part.action_id}:${part.value ?? ""}` },
    label,
  );
  if (part.accessibility_label) shown.setAttribute("aria-label", part.accessibility_label);
  shown.addEventListener("click", () => doing.click(shown, part.action_id, part.value));
  return part.url ? h("span", { class: "with-link" }, shown, link(part.url, "↗")) : shown;
}

/** A native menu with a button beside it: moving through the options by keyboard must not decide anything. */
function menu(part, doing) {
  const groups = part.option_groups ?? [{ options: part.options ?? [] }];
  const options = groups.flatMap((group) => group.options).map((option) => h("option", { value: option.value }, plain(option.text?.text ?? "")));
  const label = plain(part.placeholder?.text ?? "Choose");
  const select = h("select", { "aria-label": label, "data-focus": `${part.action_id}:menu` }, h("option", { value: "", disabled: true }, label), options);
  select.value = part.initial_option?.value ?? "";
  const choose = h("button", { type: "button", class: "action", "data-focus": `${part.action_id}:choose` }, "Choose");
  choose.addEventListener("click", () => (select.value ? doing.click(choose, part.action_id, select.value) : select.focus()));
  return h("span", { class: "menu" }, select, choose);
}

/** Pictures are named, not loaded: the page asks no other site for anything. */
function picture(part, kind) {
  return h("span", { class: kind }, `🖼 ${part.alt_text ?? "image"}`);
}

function rich(node, doing) {
  switch (node.type) {
    case "rich_text_section":
      return h("span", { class: "text" }, (node.elements ?? []).map((part) => rich(part, doing)));
    case "rich_text_quote":
      return h("blockquote", {}, (node.elements ?? []).map((part) => rich(part, doing)));
    case "rich_text_preformatted":
      return h("pre", {}, h("code", {}, (node.elements ?? []).map((part) => part.text ?? "")));
    case "rich_text_list":
      return h(node.style === "ordered" ? "ol" : "ul", {}, (node.elements ?? []).map((part) => h("li", {}, rich(part, doing))));
    case "user":
      return mrkdwn(`<@${node.user_id}>`, doing.names);
    case "link":
      return link(node.url, node.text ?? node.url);
    default:
      return styled(node);
  }
}

function styled(node) {
  const words = node.text ?? node.name ?? "";
  const tag = node.style?.code ? "code" : node.style?.bold ? "strong" : node.style?.italic ? "em" : "span";
  return h(tag, {}, words);
}

function unknown(block) {
  return h("p", { class: "block unknown" }, `(a block of type ${block?.type ?? "?"}, not drawn here)`);
}
