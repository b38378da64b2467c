// The open modal of this person: drawn from its view, submitted, refused, or closed. The dialog traps the focus.

import { $, h } from "./dom.js";
import { order } from "./api.js";
import { blocks } from "./blocks.js";
import { plain } from "./mrkdwn.js";
import { names, state } from "./state.js";

let shown = null; // "id hash" of the view that is drawn
let back = null; // where the focus was: {ts, focus}

/** Make the dialog show the newest open view, or nothing. */
export function showModal() {
  const view = state.views.at(-1);
  const dialog = $("modal");
  const print = view ? `${view.id} ${view.hash} ${state.you}` : null;
  if (print === shown) return;
  shown = print;
  if (!view) {
    if (dialog.open) dialog.close();
    dialog.replaceChildren();
    goBack();
    return;
  }
  dialog.replaceChildren(form(view));
  if (!dialog.open) {
    rememberFocus();
    dialog.showModal();
  }
  (dialog.querySelector("[data-first]") ?? dialog.querySelector("input, textarea, select") ?? dialog.querySelector("footer button")).focus();
}

export function listenToDialog() {
  $("modal").addEventListener("cancel", (event) => {
    event.preventDefault();
    dismiss();
  });
}

function dismiss() {
  const view = state.views.at(-1);
  if (view) order("dismiss", { by: state.you, view: view.id });
}

function rememberFocus() {
  const active = document.activeElement;
  back = { ts: active?.closest("[data-ts]")?.dataset.ts, focus: active?.dataset.focus };
}

/** The message may have been redrawn meanwhile, without the button that opened the modal. */
function goBack() {
  const item = back?.ts && [...document.querySelectorAll(`[data-ts="${CSS.escape(back.ts)}"]`)].at(-1);
  const button = back?.focus && item && item.querySelector(`[data-focus="${CSS.escape(back.focus)}"]`);
  (button || item)?.focus();
  back = null;
}

function form({ id, view }) {
  const trouble = h("p", { class: "error", role: "alert" });
  const inputs = view.blocks.filter((block) => block.type === "input");
  const parts = view.blocks.map((block) => (block.type === "input" ? input(block) : blocks([block], { names: names(), click() {} })));
  const close = h("button", { type: "button", class: "action", onclick: dismiss }, plain(view.close?.text ?? "Cancel"));
  const submit = view.submit && h("button", { type: "submit", class: "action primary" }, plain(view.submit.text));
  const shownForm = h(
    "form",
    { method: "dialog", novalidate: true },
    h("header", {}, h("h2", { id: "modal-title" }, plain(view.title?.text ?? "")), h("button", { type: "button", class: "quiet close", "aria-label": "Close", onclick: dismiss }, "✕")),
    h("div", { class: "fields-of-form" }, parts, suggestion(inputs)),
    trouble,
    h("footer", {}, close, submit),
  );
  shownForm.addEventListener("submit", (event) => {
    event.preventDefault();
    send(id, inputs, shownForm, trouble);
  });
  return shownForm;
}

function input(block) {
  const { element } = block;
  const name = `input-${block.block_id}`;
  const common = { id: name, "aria-describedby": `${name}-hint ${name}-error`, "data-first": element.focus_on_load, required: !block.optional };
  const field =
    element.type === "plain_text_input"
      ? h(element.multiline ? "textarea" : "input", { ...common, rows: element.multiline ? "4" : null, maxlength: element.max_length, placeholder: element.placeholder?.text })
      : h("select", common, h("option", { value: "" }, plain(element.placeholder?.text ?? "Choose")), (element.options ?? []).map((option) => h("option", { value: option.value }, plain(option.text.text))));
  field.value = element.initial_value ?? element.initial_option?.value ?? "";
  return h(
    "div",
    { class: "input" },
    h("label", { for: name }, plain(block.label.text), block.optional ? h("span", { class: "soft" }, " (optional)") : null),
    field,
    h("p", { id: `${name}-hint`, class: "hint" }, plain(block.hint?.text ?? "")),
    h("p", { id: `${name}-error`, class: "error", role: "alert" }),
  );
}

/** The guide's text for a modal, written in with one click. */
function suggestion(inputs) {
  const offered = state.guide?.suggestion;
  const first = inputs.find((block) => block.element.type === "plain_text_input");
  if (!offered || offered.at || !first) return null;
  const use = () => {
    const field = $(`input-${first.block_id}`);
    field.value = offered.text;
    field.focus();
  };
  return h("p", { class: "suggestion" }, h("span", {}, "Suggested: ", h("q", {}, offered.text)), h("button", { type: "button", class: "action", onclick: use }, "Use this text"));
}

async function send(id, inputs, shownForm, trouble) {
  const values = {};
  const empty = {};
  for (const block of inputs) {
    const { value } = $(`input-${block.block_id}`);
    values[block.block_id] = { [block.element.action_id]: value };
    if (!block.optional && !value.trim()) empty[block.block_id] = "Please fill this in.";
  }
  trouble.textContent = "";
  showErrors(inputs, empty);
  if (Object.keys(empty).length) return;
  const button = shownForm.querySelector("[type=submit]");
  button.disabled = true;
  const answer = await order("submit", { by: state.you, view: id, values });
  button.disabled = false;
  if (answer.errors) showErrors(inputs, answer.errors);
  if (answer.error) trouble.textContent = answer.error;
}

function showErrors(inputs, errors) {
  let first = null;
  for (const block of inputs) {
    const field = $(`input-${block.block_id}`);
    const sentence = errors[block.block_id] ?? "";
    $(`input-${block.block_id}-error`).textContent = sentence;
    field.setAttribute("aria-invalid", String(Boolean(sentence)));
    if (sentence) first ??= field;
  }
  first?.focus();
}
