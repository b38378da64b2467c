// The guide: one small card with the next step. It can be put away and taken out again.

import { $, h } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
import { keepDraft, draft, names, state } from "./state.js";

let away = false;
let print = "";
const used = new Set();

/** Draw the step; `doing`: become(person), open(place), announce(text), redraw(). */
export function showGuide(doing) {
  const { guide } = state;
  $("guide").hidden = away || !guide;
  $("guide-again").hidden = !away || !guide;
  const now = JSON.stringify([guide, state.you, away]);
  if (now === print) return;
  const sameStep = guide && print && JSON.parse(print)[0]?.title === guide.title;
  print = now;
  if (!guide) return;
  offer(guide.suggestion, doing);
  const parts = [
    h("header", {}, h("p", { class: "step" }, guide.done ? "Done" : `Step ${guide.step} of ${guide.of}`), meter(guide), putAway(doing)),
    h("h2", { id: "guide-title" }, guide.title),
    h("div", { class: "guide-text" }, mrkdwn(guide.text, names())),
    become(guide, doing),
  ];
  $("guide").replaceChildren(...parts.filter(Boolean));
  if (!sameStep && !away) doing.announce(`Guide, step ${guide.step}: ${guide.title}`);
}

export function takeOut(doing) {
  away = false;
  doing.redraw();
  $("guide").querySelector("button")?.focus();
}

function putAway(doing) {
  const put = () => {
    away = true;
    doing.redraw();
    $("guide-again").focus();
  };
  return h("button", { type: "button", class: "quiet close", "aria-label": "Put the guide away", onclick: put }, "✕");
}

function meter(guide) {
  const dots = Array.from({ length: guide.of }, (_, place) => h("i", { class: place < guide.step ? "past" : "" }));
  return h("span", { class: "meter", "aria-hidden": "true" }, dots);
}

function become(guide, doing) {
  if (!guide.act_as || guide.act_as === state.you) return null;
  const name = state.people[guide.act_as]?.shown ?? guide.act_as;
  return h("button", { type: "button", class: "action", onclick: () => doing.become(guide.act_as) }, `Act as ${name}`);
}

/** Open the place of a suggested message and write it there, once, and never over somebody's own words. */
function offer(suggestion, doing) {
  if (!suggestion?.at || used.has(suggestion.text)) return;
  used.add(suggestion.text);
  const { channel, thread_ts: thread } = suggestion.at;
  if (!draft(channel, thread)) keepDraft(channel, thread, suggestion.text);
  doing.open(channel, thread);
}
