// The page's roof: listens, goes places, and has every part drawn again after a change.

import { $, h, sync } from "./dom.js";
import { listen, order } from "./api.js";
import { Composer } from "./composer.js";
import { showGuide, takeOut } from "./guide.js";
import { message } from "./message.js";
import { listenToDialog, showModal } from "./modal.js";
import { showActor, showRail } from "./rail.js";
import { channel, find, forget, isOpen, markRead, names, replies, state, takeEverything, takeMessage, topLevel, unreadReplies } from "./state.js";
import { day, ofTs } from "./time.js";
import { unescape } from "./mrkdwn.js";

const NEAR_PX = 120;
const composers = {
  channel: new Composer($("channel-composer"), "channel", () => ({ channel: state.place.channel, thread: null })),
  thread: new Composer($("thread-composer"), "thread", () => state.place),
};
const doing = { get names() { return names(); }, get bot() { return state.bot; }, click, react, open: (shown) => goTo(shown.channel, shown.thread ?? shown.ts, true) };
const guiding = { become, open: (id, thread) => goTo(id, thread, Boolean(thread)), announce, redraw: () => draw() };
let source = null;
let waiting = false;

function start(viewer) {
  source?.close();
  source = listen(viewer, {
    everything: (told) => { takeEverything(told); arrive(); },
    message: heard,
    gone: (told) => { forget(told); redraw(); },
    views: (told) => { state.views = told.views; redraw(); },
    facts: (told) => { state.facts = told; redraw(); },
    guide: (told) => { state.guide = told.guide; redraw(); },
    error: () => { state.facts = { ...state.facts, connected: null }; redraw(); },
  });
}

function heard(shown) {
  const before = takeMessage(shown);
  const isNews = !before ? shown.author.id !== state.you : before.text !== shown.text;
  if (isNews && isOpen(shown)) announce(`${shown.author.name}${before ? " now says" : ""}: ${unescape(shown.text).slice(0, 300)}`);
  redraw();
}

/** After a snapshot: stay where we are if that still is, else where the address says, else the first channel. */
function arrive() {
  sessionStorage.setItem("as", state.you);
  const first = !state.place.channel;
  const [id, thread] = first ? asked() : [state.place.channel, state.place.thread];
  const known = channel(id) ? id : state.channels[0]?.id;
  state.place = { channel: known ?? null, thread: known === id && find(known, thread) ? thread : null };
  if (first && state.place.thread) document.body.dataset.pane = "thread";
  redraw();
}

/** The place in the address: `#C0TEAM/123.45`, or a message's link, /archives/C0TEAM/p12345. */
function asked() {
  const [, id, digits] = /^\/archives\/(\w+)\/p(\d+)$/.exec(location.pathname) ?? [];
  if (!id) return location.hash.slice(1).split("/");
  const ts = `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  return [id, new URLSearchParams(location.search).get("thread_ts") ?? ts];
}

function goTo(id, thread = null, focus = false) {
  const narrow = thread ? "thread" : "channel";
  state.place = { channel: id, thread };
  document.body.dataset.pane = narrow;
  history.replaceState(null, "", `/#${thread ? `${id}/${thread}` : id}`);
  draw();
  toEnd($("channel-scroll"));
  toEnd($("thread-scroll"));
  if (focus) composers[narrow].focus();
}

function become(person) {
  if (person !== state.you) start(person);
}

function redraw() {
  if (waiting) return;
  waiting = true;
  queueMicrotask(() => {
    waiting = false;
    draw();
  });
}

function draw() {
  markRead();
  showRail((id) => { goTo(id); composers.channel.focus(); });
  showActor();
  showChannel();
  showThread();
  showGuide(guiding);
  showModal();
  $("team").textContent = state.team;
  const { connected } = state.facts;
  const bot = state.people[state.bot]?.name ?? "the app";
  const standing = connected === null ? "The demo has ended, or cannot be reached" : connected ? `${bot} is connected` : `${bot} is not connected`;
  if ($("connection").textContent !== standing) $("connection").textContent = standing;
  $("connection").dataset.up = String(Boolean(connected));
}

function showChannel() {
  const here = channel(state.place.channel);
  if (!here) return;
  const direct = here.kind === "im";
  const title = direct ? (state.people[state.bot]?.name ?? "app") : here.name;
  $("channel-name").replaceChildren(direct ? "" : h("span", { class: "sign" }, "# "), title);
  $("channel-about").textContent = direct ? "Direct message" : here.archived ? "Archived" : "";
  document.title = `${direct ? "" : "#"}${title} · local Slack`;
  list("channel", topLevel(here.id), (shown) => {
    const found = replies(shown.channel, shown.ts).filter((reply) => !reply.onlyYou);
    return { replies: found.length, last: found.at(-1)?.ts, unread: unreadReplies(shown.channel, shown.ts) };
  });
  composers.channel.show(`Message ${direct ? "" : "#"}${title}`, here.archived ? "This channel is archived" : "");
}

function showThread() {
  const { channel: id, thread } = state.place;
  const root = thread && find(id, thread);
  $("thread").hidden = !root;
  if (!root) return;
  $("thread-about").textContent = `#${channel(id)?.name ?? ""}`;
  list("thread", [root, ...replies(id, thread)], () => null);
  composers.thread.show("Reply in the thread");
}

/** One pane's messages with a line where a new day begins; what was at its end stays there. */
function list(pane, shown, threadOf) {
  const scroll = $(`${pane}-scroll`);
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_PX;
  const items = [];
  let last = "";
  for (const one of shown) {
    const today = day(ofTs(one.ts));
    if (today !== last) items.push({ line: today });
    last = today;
    items.push({ message: one, thread: threadOf(one) });
  }
  sync($(`${pane}-messages`), items, {
    key: (item) => item.line ?? item.message.ts,
    print: (item) => JSON.stringify([item, state.you, state.place.channel]),
    draw: (item) => (item.line ? h("li", { class: "day" }, h("span", {}, item.line)) : message(item.message, doing, item.thread)),
  });
  if (atEnd) toEnd(scroll);
}

function toEnd(scroll) {
  scroll.scrollTop = scroll.scrollHeight;
}

/** The button is not disabled meanwhile: that would take the focus from it. */
async function click(shown, button, action, value) {
  if (button.hasAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  const { error } = await order("click", { by: state.you, channel: shown.channel, ts: shown.ts, action_id: action, value });
  button.removeAttribute("aria-busy");
  if (error) complain(error);
}

async function react(shown, name) {
  const { error } = await order("react", { by: state.you, channel: shown.channel, ts: shown.ts, name });
  if (error && error !== "already reacted") complain(error);
}

function announce(text) {
  $("announcer").textContent = text;
}

function complain(sentence) {
  $("trouble").textContent = sentence;
  setTimeout(() => { $("trouble").textContent = ""; }, 8000);
}

$("actor").addEventListener("change", (event) => become(event.target.value));
$("menu").addEventListener("click", () => { document.body.dataset.pane = document.body.dataset.pane === "rail" ? "channel" : "rail"; });
$("guide-again").addEventListener("click", () => takeOut(guiding));
$("thread-close").addEventListener("click", () => { goTo(state.place.channel); composers.channel.focus(); });
$("thread").addEventListener("keydown", (event) => { if (event.key === "Escape") $("thread-close").click(); });
listenToDialog();
start(sessionStorage.getItem("as"));
