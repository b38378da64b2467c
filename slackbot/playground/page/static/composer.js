// Where a message is written: Enter sends, Shift+Enter is a new line. The draft belongs to the place.

import { h } from "./dom.js";
import { order } from "./api.js";
import { draft, keepDraft, state } from "./state.js";

export class Composer {
  /** `place()` tells where it writes: {channel, thread}; `name` makes its ids. */
  constructor(form, name, place) {
    this.form = form;
    this.place = place;
    this.label = h("label", { class: "unseen", for: `${name}-text` });
    this.text = h("textarea", { id: `${name}-text`, rows: "1", "aria-describedby": `${name}-hint ${name}-error` });
    this.send = h("button", { type: "submit", class: "send", "aria-label": "Send" }, "➤");
    this.error = h("p", { id: `${name}-error`, class: "error", role: "alert" });
    const hint = h("p", { id: `${name}-hint`, class: "hint" }, h("kbd", {}, "Enter"), " sends, ", h("kbd", {}, "Shift"), " + ", h("kbd", {}, "Enter"), " is a new line");
    form.append(this.label, h("div", { class: "box" }, this.text, this.send), hint, this.error);
    form.addEventListener("submit", (event) => this.submit(event));
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.text.addEventListener("input", () => this.changed());
  }

  /** Show the draft of the place that is open now, under a label that says where it goes. */
  show(label, blocked = "") {
    const { channel, thread } = this.place();
    this.label.textContent = label;
    this.text.placeholder = blocked || label;
    this.text.disabled = Boolean(blocked);
    const text = draft(channel, thread);
    if (this.text.value !== text) this.text.value = text;
    this.ready();
  }

  focus() {
    this.text.focus();
    this.text.setSelectionRange(this.text.value.length, this.text.value.length);
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  changed() {
    const { channel, thread } = this.place();
    keepDraft(channel, thread, this.text.value);
    this.error.textContent = "";
    this.ready();
  }

  ready() {
    this.send.disabled = !this.text.value.trim() || this.text.disabled;
  }

  async submit(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    const { channel, thread } = this.place();
    if (!text || this.busy) return;
    this.busy = true;
    const { error } = await order("say", { by: state.you, channel, thread_ts: thread, text });
    this.busy = false;
    if (error) {
      this.error.textContent = error;
      return;
    }
    keepDraft(channel, thread, "");
    this.show(this.label.textContent);
  }
}
