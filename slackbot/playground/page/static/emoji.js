// The few emoji shortcodes that people and bots write here; any other stays as it was written.

const KNOWN = {
  "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", eyes: "👀", tada: "🎉", rocket: "🚀", fire: "🔥",
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", rotating_light: "🚨", siren: "🚨",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", hammer_and_wrench: "🛠️", wrench: "🔧", question: "❓",
  airplane_arriving: "🛬", construction: "🚧", stop_button: "⏹️", repeat: "🔁", arrows_counterclockwise: "🔄",
  wave: "👋", pray: "🙏", bug: "🐛", memo: "📝", bulb: "💡", heart: "❤️", smile: "😄", slightly_smiling_face: "🙂",
  sweat_smile: "😅", thinking_face: "🤔", coffee: "☕", cake: "🍰", robot_face: "🤖", checkered_flag: "🏁",
  red_circle: "🔴", large_green_circle: "🟢", large_yellow_circle: "🟡", pager: "📟", books: "📚", lock: "🔒",
};

/** The emoji of a shortcode without its colons, or null. */
export function emoji(name) {
  return Object.hasOwn(KNOWN, name) ? KNOWN[name] : null;
}

/** How an emoji is called aloud. */
export const aloud = (name) => ({ "+1": "thumbs up", "-1": "thumbs down", tada: "party" })[name] ?? name.replaceAll("_", " ");
