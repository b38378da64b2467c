"""Turns facts into pages: Jinja with autoescape, the same frame for all. Decides nothing about what is shown."""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from slackbot.core.task import TaskState
from slackbot.web import text

STATES = {
    TaskState.QUEUED: "queued",
    TaskState.RUNNING: "running",
    TaskState.WAITING_FOR_INPUT: "waiting for an answer",
    TaskState.AWAITING_APPROVAL: "awaiting approval",
    TaskState.LANDING: "landing",
    TaskState.BLOCKED: "blocked",
    TaskState.DONE: "done",
    TaskState.FAILED: "failed",
    TaskState.CANCELLED: "cancelled",
}


class Templates:
    """The page templates of this package; `clock` is for "5 min ago"."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._jinja = _environment()

    def page(self, request: web.Request, name: str, **facts: object) -> str:
        """Render a page. Its links are relative, so that it also works behind a proxy's path."""
        now = self._clock()
        root = "../" * (request.rel_url.raw_path.count("/") - 1) or "./"
        ago = {"ago": lambda at: text.ago(at, now), "now": now, "root": root}
        return self._jinja.get_template(f"{name}.html").render(facts, **ago)

    def error_page(self, request: web.Request, status: int, said: str) -> web.Response:
        """A refusal in words."""
        page = self.page(request, "error", status=status, said=said)
        return web.Response(text=page, status=status, content_type="text/html")


@cache
def _environment() -> Environment:
    jinja = Environment(
        loader=PackageLoader("slackbot.web"),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown = (text.stamp, text.clock_time, text.duration, text.first_line, text.web_link)
    jinja.filters.update({show.__name__: show for show in shown}, iso=datetime.isoformat)
    jinja.globals["states"] = STATES
    return jinja


def _finalize(value: object) -> object:
    """Everything dynamic passes here before it is escaped."""
    return text.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
