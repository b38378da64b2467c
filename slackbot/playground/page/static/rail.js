// The left pane: channels with what is unread in them, direct messages, and whom we act as.

import { $, h } from "./dom.js";
import { face } from "./message.js";
import { state, unread } from "./state.js";

/** `open(channel)` goes there. */
export function showRail(open) {
  const rooms = state.channels.filter((one) => one.kind !== "im");
  const direct = state.channels.filter((one) => one.kind === "im");
  const focused = document.activeElement?.dataset?.channel;
  $("rail").replaceChildren(
    group("Channels", rooms, (one) => [h("span", { class: "sign", "aria-hidden": "true" }, one.kind === "private" ? "🔒" : "#"), one.name], open),
    group("Direct messages", direct, () => [face(state.bot, "", state.bot), state.people[state.bot]?.name ?? "app"], open),
  );
  if (focused) $("rail").querySelector(`[data-channel="${CSS.escape(focused)}"]`)?.focus();
}

function group(title, channels, label, open) {
  const items = channels.map((one) => {
    const { count, pings } = unread(one.id);
    const here = one.id === state.place.channel;
    const badge = pings && !here ? h("span", { class: "count", "aria-hidden": "true" }, pings) : null;
    const spoken = count && !here ? h("span", { class: "unseen" }, `, ${count} unread${pings ? `, ${pings} for you` : ""}`) : null;
    const button = h(
      "button",
      { type: "button", class: count && !here ? "room unread" : "room", "aria-current": here ? "page" : null, "data-channel": one.id, onclick: () => open(one.id) },
      label(one),
      one.archived ? " (archived)" : "",
      spoken,
      badge,
    );
    return h("li", {}, button);
  });
  return h("div", { class: "group" }, h("h2", {}, title), h("ul", {}, items));
}

let drawnActor = "";

/** The menu of people to act as. */
export function showActor() {
  const options = state.facts.cast.map(({ id, title }) => {
    const person = state.people[id];
    const about = [title, person?.guest ? "guest" : ""].filter(Boolean).join(", ");
    return { id, text: about ? `${person?.shown ?? id} (${about})` : (person?.shown ?? id) };
  });
  const print = JSON.stringify([options, state.you]);
  if (print === drawnActor) return;
  drawnActor = print;
  $("actor").replaceChildren(...options.map(({ id, text }) => h("option", { value: id }, text)));
  $("actor").value = state.you;
  $("actor-face").replaceChildren(face(state.you, state.people[state.you]?.shown ?? "?", state.bot));
}
