"""The pages for people: reads what is remembered, hands it to a template. Writes nothing."""

import asyncio
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from slackbot.core.config import REPO_NAME
from slackbot.core.task import label
from slackbot.store import pages as stored
from slackbot.store.database import Database
from slackbot.web.diff import Diff, parse
from slackbot.web.templates import Templates
from slackbot.web.views import attempts_of, by_state

STATIC = Path(__file__).parent / "static"
OPEN_SHOWN, ENDED_SHOWN = 200, 20
LINES_SHOWN = 40_000  # beyond it phones give up; the plain text has everything
FOLD_FILE, FOLD_ALL = 500, 5_000  # lines: a file longer than this starts folded; a diff, all of its files

NO_TASK = "There is no task {task}: the newest ones are on the first page."
NO_TURN = "{task} has no turn {number} in attempt {attempt}: its page lists those that it has."
NO_DIFF = "{task} has no change to {repo} in attempt {attempt}: its page lists those that it has."


class Pages:
    """One method a page."""

    def __init__(self, db: Database, templates: Templates) -> None:
        self._db = db
        self._templates = templates

    async def overview(self, request: web.Request) -> web.Response:
        """Open tasks by state and the newest ended."""
        found = await self._db.read(stored.overview, OPEN_SHOWN, ENDED_SHOWN)
        return await self._answer(request, "overview", found=found, groups=by_state(found.open))

    async def task(self, request: web.Request) -> web.Response:
        """One task with everything its attempts left."""
        number = int(request.match_info["task"])
        found = await self._db.read(stored.history, number)
        if found is None:
            raise web.HTTPNotFound(text=NO_TASK.format(task=f"T{number}"))
        return await self._answer(request, "task", task=found.task, history=found, attempts=attempts_of(found))

    async def turn(self, request: web.Request) -> web.Response:
        """The exact prompt of a turn and what came of it."""
        task, attempt, number = (int(request.match_info[name]) for name in ("task", "attempt", "number"))
        found = await self._db.read(stored.turn, task, attempt, number)
        if found is None:
            raise web.HTTPNotFound(text=NO_TURN.format(task=f"T{task}", attempt=attempt, number=number))
        return await self._answer(request, "turn", turn=found, label=label(found.task))

    async def diff(self, request: web.Request) -> web.Response:
        """What an attempt does to a repository; `?plain`: the diff as it was kept."""
        task, attempt = int(request.match_info["task"]), int(request.match_info["attempt"])
        repo = request.match_info["repo"]
        # A name that no repository can have is not asked for: Postgres refuses some characters.
        found = await self._db.read(stored.shown_diff, task, attempt, repo) if REPO_NAME.fullmatch(repo) else None
        if found is None:
            raise web.HTTPNotFound(text=NO_DIFF.format(task=f"T{task}", attempt=attempt, repo=repo))
        if "plain" in request.query:
            return web.Response(body=found.text.encode("utf-8", "replace"), content_type="text/plain", charset="utf-8")
        diff = await asyncio.to_thread(parse, found.text)
        hidden = _cut(diff)
        return await self._answer(
            request, "diff", change=found.change, label=label(found.change.task), diff=diff, hidden=hidden,
            fold_over=0 if sum(file.size for file in diff.files) > FOLD_ALL else FOLD_FILE,
            plain=f"{quote(repo.rpartition('/')[2])}?plain",
        )  # fmt: skip

    async def static(self, request: web.Request) -> web.FileResponse:
        """The stylesheet and the icon, asked for anew each time they may have changed."""
        return web.FileResponse(STATIC / request.match_info["name"], headers={"Cache-Control": "no-cache"})

    async def _answer(self, request: web.Request, name: str, **facts: object) -> web.Response:
        """Off the event loop: a page of a megabyte takes its time, and Slack wants its acks."""
        page = await asyncio.to_thread(self._templates.page, request, name, **facts)
        response = web.Response(text=page, content_type="text/html")
        response.enable_compression()
        return response


def _cut(diff: Diff) -> int:
    """Leave out the lines that no browser would show; how many these are."""
    left, hidden = LINES_SHOWN, 0
    for hunk in (hunk for file in diff.files for hunk in file.hunks):
        hidden += max(0, len(hunk.lines) - left)
        del hunk.lines[left:]
        left -= len(hunk.lines)
    return hidden
