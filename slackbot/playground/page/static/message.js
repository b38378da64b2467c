// One message as a list item: who, when, what, reactions, the thread under it. Carries out nothing itself.

import { h, link } from "./dom.js";
import { blocks, text as textObject } from "./blocks.js";
import { aloud, emoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";
import { full, ofTs, time } from "./time.js";

const COLOURS = { good: "#2eb67d", warning: "#ecb22e", danger: "#d4364b" };

/** A person's or an app's face: initials on a colour that stays theirs; the bot's own has its sign. */
export function face(id, name, bot, app = false) {
  if (id === bot) return h("span", { class: "face", "aria-hidden": "true" }, h("img", { src: "/page/files/pitcrew.svg", alt: "" }));
  const initials = name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
  const hue = [...id].reduce((sum, char) => (sum * 31 + char.codePointAt(0)) % 8, 5);
  return h("span", { class: app ? "face app" : `face hue-${hue}`, "aria-hidden": "true" }, initials || "?");
}

/** `doing`: names, click, open (a thread), react. `thread`: {replies, last, unread} when it is drawn in the channel. */
export function message(shown, doing, thread = null) {
  return h(
    "li",
    { class: shown.onlyYou ? "message only-you" : "message", tabindex: "-1", "data-ts": shown.ts },
    face(shown.author.id, shown.author.name, doing.bot, shown.author.app),
    h(
      "div",
      { class: "body" },
      shown.onlyYou ? h("p", { class: "private" }, "👁 Only visible to you") : null,
      byline(shown),
      h("div", { class: "content" }, content(shown, doing)),
      reactions(shown, doing),
      thread?.replies ? replies(shown, thread, doing) : null,
    ),
    tools(shown, doing, thread),
  );
}

function byline(shown) {
  const at = ofTs(shown.ts);
  return h(
    "p",
    { class: "byline" },
    h("span", { class: "author" }, shown.author.name),
    shown.author.app ? h("span", { class: "badge" }, "App") : null,
    h("time", { datetime: at.toISOString(), title: full(at) }, time(at)),
    shown.edited ? h("span", { class: "edited" }, "(edited)") : null,
  );
}

/** The blocks where there are any, else the text; then attachments and files. */
function content(shown, doing) {
  if (shown.deleted) return h("p", { class: "soft" }, "This message was deleted.");
  const here = { ...doing, click: (button, action, value) => doing.click(shown, button, action, value) };
  const words = shown.blocks.length ? blocks(shown.blocks, here) : mrkdwn(shown.text, doing.names, { bare: true });
  const files = shown.files.map((name) => h("p", { class: "file" }, `📎 ${name}`));
  return [words, shown.attachments.map((attachment) => attached(attachment, here)), files];
}

/** What alert bots post: a bar in a colour, a title, a text, fields. */
function attached(attachment, doing) {
  const words = (value) => (value ? h("div", {}, mrkdwn(String(value), doing.names, { bare: true })) : null);
  const title = attachment.title && mrkdwn(String(attachment.title), doing.names);
  const fields = (attachment.fields ?? []).map((field) =>
    h("div", { class: field.short ? "field short" : "field" }, h("b", {}, mrkdwn(String(field.title ?? ""), doing.names)), words(field.value)),
  );
  const bar = h(
    "div",
    { class: "attachment" },
    attachment.author_name ? h("p", { class: "soft" }, attachment.author_name) : null,
    title ? h("p", { class: "title" }, attachment.title_link ? link(attachment.title_link, title) : title) : null,
    words(attachment.text),
    fields.length ? h("div", { class: "fields" }, fields) : null,
    attachment.blocks ? blocks(attachment.blocks, doing) : null,
    attachment.footer ? h("p", { class: "footer" }, mrkdwn(String(attachment.footer), doing.names)) : null,
  );
  const colour = COLOURS[attachment.color] ?? (/^#?[0-9a-f]{6}$/i.test(attachment.color ?? "") ? `#${attachment.color.replace("#", "")}` : null);
  if (colour) bar.style.setProperty("--bar", colour);
  return [words(attachment.pretext), bar];
}

function reactions(shown, doing) {
  if (!shown.reactions.length) return null;
  const chips = shown.reactions.map(({ name, count, yours }) => {
    const label = `${count} ${count === 1 ? "reaction" : "reactions"}: ${aloud(name)}${yours ? ", yours among them" : ". Add yours"}`;
    const add = () => !yours && doing.react(shown, name);
    return h("button", { type: "button", class: "reaction", "aria-pressed": String(yours), "aria-label": label, "data-focus": `reaction:${name}`, onclick: add }, emoji(name) ?? `:${name}:`, ` ${count}`);
  });
  return h("div", { class: "reactions" }, chips);
}

function replies(shown, { replies: count, last, unread }, doing) {
  const label = `${count} ${count === 1 ? "reply" : "replies"}`;
  return h(
    "button",
    { type: "button", class: unread ? "replies unread" : "replies", "data-focus": "replies", onclick: () => doing.open(shown) },
    h("b", {}, label),
    h("span", { class: "soft" }, ` last at ${time(ofTs(last))}`),
    unread ? h("span", { class: "unseen" }, ", unread") : null,
  );
}

/** Seen when one points at the message or is inside it with the keyboard. */
function tools(shown, doing, thread) {
  if (shown.deleted || shown.onlyYou) return null;
  const who = `${shown.author.name} at ${time(ofTs(shown.ts))}`;
  const thumb = h("button", { type: "button", class: "quiet", "aria-label": `React with thumbs up to ${who}`, "data-focus": "react:+1", onclick: () => doing.react(shown, "+1") }, "👍");
  const reply = thread
    ? h("button", { type: "button", class: "quiet", "aria-label": `Reply in the thread of ${who}`, "data-focus": "reply", onclick: () => doing.open(shown) }, "💬")
    : null;
  return h("div", { class: "tools" }, thumb, reply);
}
