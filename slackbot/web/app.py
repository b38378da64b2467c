"""Puts the pages together: which address shows what. Everything else lives in a module of its own."""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from slackbot.core.config import WebConfig
from slackbot.store.database import Database
from slackbot.web.guard import add_headers, guard
from slackbot.web.health import Health
from slackbot.web.pages import Pages
from slackbot.web.templates import Templates

_TASK = "/tasks/T{task:[0-9]{1,9}}"
_ATTEMPT = f"{_TASK}/{{attempt:[0-9]{{1,9}}}}"


def web_app(
    db: Database, config: WebConfig, *, ready: Callable[[], dict[str, bool]], clock: Callable[[], datetime]
) -> web.Application:
    """The application with every page; `ready` says of each part of the bot whether it is ready.

    It answers GET and HEAD alone. A POST route that is added to it must authenticate its sender by itself.
    """
    templates = Templates(clock)
    pages, health = Pages(db, templates), Health(ready)
    app = web.Application(middlewares=[guard(config, templates.error_page)])
    app.on_response_prepare.append(add_headers)
    app.router.add_get("/healthz", health.healthz)
    app.router.add_get("/readyz", health.readyz)
    app.router.add_get("/", pages.overview)
    app.router.add_get(_TASK, pages.task)
    app.router.add_get(_ATTEMPT + "/turns/{number:[0-9]{1,9}}", pages.turn)
    app.router.add_get(_ATTEMPT + "/diff/{repo:.+}", pages.diff)
    app.router.add_get(r"/static/{name:style\.css|icon\.svg}", pages.static)
    return app
