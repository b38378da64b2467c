// Orders to the server. Answers {} when it was done, {error} or {errors} with sentences for the person when not.

export async function order(name, body) {
  try {
    const answer = await fetch(`/page/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return await answer.json();
  } catch {
    return { error: "Local Slack does not answer. Is the demo still running?" };
  }
}

/** Listen as this person; `heard` maps event names to functions. The browser reconnects by itself and starts anew. */
export function listen(viewer, heard) {
  const source = new EventSource(`/page/stream${viewer ? `?as=${encodeURIComponent(viewer)}` : ""}`);
  for (const [name, tell] of Object.entries(heard)) {
    source.addEventListener(name, (event) => tell(event.data && JSON.parse(event.data)));
  }
  return source;
}
