// What the page knows: the workspace as one person sees it, where we are, what was read, what was being written.

export const state = {
  you: "", bot: "", team: "", people: {}, groups: {}, channels: [], views: [], guide: null,
  facts: { cast: [], connected: false },
  messages: new Map(), // "channel ts" → message
  place: { channel: null, thread: null },
  read: new Map(), // "you channel [thread]" → ts up to which it was seen
  drafts: new Map(), // "you channel [thread]" → text
};

const key = (channel, ts) => `${channel} ${ts}`;

export function takeEverything(told) {
  const { messages, ...rest } = told;
  Object.assign(state, rest);
  state.messages = new Map(messages.map((shown) => [key(shown.channel, shown.ts), shown]));
}

/** Keep a new or changed message; the one that it replaces, or undefined. */
export function takeMessage(shown) {
  const before = state.messages.get(key(shown.channel, shown.ts));
  state.messages.set(key(shown.channel, shown.ts), shown);
  return before;
}

export function forget({ channel, ts }) {
  state.messages.delete(key(channel, ts));
}

export const find = (channel, ts) => state.messages.get(key(channel, ts));
export const channel = (id) => state.channels.find((one) => one.id === id);
export const isOpen = (shown) => shown.channel === state.place.channel && (shown.thread === null || shown.thread === state.place.thread);

export function names() {
  const channels = Object.fromEntries(state.channels.map((one) => [one.id, one.name]));
  return { you: state.you, people: state.people, groups: state.groups, channels };
}

const inOrder = (one, other) => Number(one.ts) - Number(other.ts);
const all = (wanted) => [...state.messages.values()].filter(wanted).sort(inOrder);

export const topLevel = (id) => all((shown) => shown.channel === id && shown.thread === null);
export const replies = (id, ts) => all((shown) => shown.channel === id && shown.thread === ts);

const spot = (id, thread) => (thread ? `${state.you} ${id} ${thread}` : `${state.you} ${id}`);
const isUnread = (shown) => shown.author.id !== state.you && Number(shown.ts) > (state.read.get(spot(shown.channel, shown.thread)) ?? 0);

export const unreadReplies = (id, ts) => replies(id, ts).some(isUnread);

/** Unread messages of a channel: those outside threads, and in threads those that name this person. */
export function unread(id) {
  const found = all((shown) => shown.channel === id && isUnread(shown) && (shown.thread === null || shown.pinged));
  return { count: found.length, pings: found.filter((shown) => shown.pinged).length };
}

export function markRead() {
  const { channel: id, thread } = state.place;
  if (!id) return;
  state.read.set(spot(id), Number(topLevel(id).at(-1)?.ts ?? 0));
  if (thread) state.read.set(spot(id, thread), Number(replies(id, thread).at(-1)?.ts ?? 0));
}

export const draft = (id, thread) => state.drafts.get(spot(id, thread)) ?? "";
export const keepDraft = (id, thread, text) => state.drafts.set(spot(id, thread), text);
