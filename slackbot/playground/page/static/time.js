// How moments are written, in the reader's language and time zone.

const format = (options) => new Intl.DateTimeFormat([], options);
const TIME = format({ hour: "2-digit", minute: "2-digit" });
const TIME_SECS = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DATE = format({ year: "numeric", month: "long", day: "numeric" });
const DATE_SHORT = format({ year: "numeric", month: "short", day: "numeric" });
const DATE_LONG = format({ weekday: "long", year: "numeric", month: "long", day: "numeric" });

export const ofTs = (ts) => new Date(Number(ts) * 1000);
export const time = (moment) => TIME.format(moment);
export const full = (moment) => `${DATE_LONG.format(moment)}, ${TIME_SECS.format(moment)}`;

/** Today, yesterday, or the date. */
export function day(moment, shape = DATE) {
  const start = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const days = Math.round((start(new Date()) - start(moment)) / 86_400_000);
  return days === 0 ? "Today" : days === 1 ? "Yesterday" : shape.format(moment);
}

const TOKENS = {
  date_num: (at) => at.toISOString().slice(0, 10),
  date: (at) => DATE.format(at),
  date_short: (at) => DATE_SHORT.format(at),
  date_long: (at) => DATE_LONG.format(at),
  date_pretty: (at) => day(at).toLowerCase(),
  date_short_pretty: (at) => day(at, DATE_SHORT).toLowerCase(),
  date_long_pretty: (at) => day(at, DATE_LONG).toLowerCase(),
  time: (at) => TIME.format(at),
  time_secs: (at) => TIME_SECS.format(at),
};

/** Slack's `<!date^…>`: the shape's tokens filled; null where the moment is none. */
export function shaped(seconds, shape) {
  const at = new Date(Number(seconds) * 1000);
  if (!/^\d+$/.test(seconds) || Number.isNaN(at.getTime())) return null;
  return shape.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(TOKENS, name) ? TOKENS[name](at) : whole));
}
