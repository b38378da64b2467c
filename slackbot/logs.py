"""Sets logging up once: structlog for us, the libraries' own loggers kept quiet. Knows no event."""

import logging
import sys

import structlog


def configure(*, colours: bool | None = None, level: int = logging.INFO) -> None:
    """One line an event on stderr: coloured on a terminal, JSON otherwise."""
    coloured = sys.stderr.isatty() if colours is None else colours
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    for name in ("dbos", "apscheduler", "alembic", "pitcrew.bolt", "slack_sdk", "aiohttp.access"):
        logging.getLogger(name).setLevel(logging.ERROR)
    renderers = (
        [structlog.dev.ConsoleRenderer(colors=True)]
        if coloured
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *renderers,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
