"""What holds for every answer, and what hostile text can do: nothing."""

import asyncio
import socket

import httpx
import pytest
from aiohttp import web

from slackbot.core.config import WebConfig
from slackbot.core.errors import ConfigurationError
from slackbot.core.task import TaskState
from slackbot.store.database import Database
from slackbot.web import Served, serve, web_app
from slackbot.web.guard import is_ours, our_names
from tests.web.reading import Page
from tests.web.seed import NOW, hostile_task, landed_task, make

EVERY_PAGE = (
    "/", "/tasks/T1", "/tasks/T1/1/turns/1", "/tasks/T1/1/diff/shop/checkout", "/tasks/T1/1/diff/shop/checkout?plain",
    "/healthz", "/readyz", "/static/style.css", "/static/icon.svg", "/tasks/T9", "/nowhere",
)  # fmt: skip


async def test_every_answer_forbids_scripts_and_inline_style(browser: httpx.AsyncClient, database: Database) -> None:
    await landed_task(database)
    for path in EVERY_PAGE:
        reply = await browser.get(path)
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy
        assert "script-src" not in policy
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert "aiohttp" not in reply.headers["Server"]


async def test_pages_need_no_script_and_no_inline_style(browser: httpx.AsyncClient, database: Database) -> None:
    await landed_task(database)
    for path in EVERY_PAGE[:4]:
        page = Page((await browser.get(path)).text)
        assert not {"script", "style", "form", "iframe"} & set(page.tags), path
        assert not [name for name, _ in page.attributes if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("path", ["/", "/tasks/T1", "/tasks/T1/1/turns/1", "/tasks/T1/1/diff/shop/checkout"])
async def test_hostile_text_is_shown_and_does_nothing(
    browser: httpx.AsyncClient, database: Database, path: str
) -> None:
    await hostile_task(database)
    reply = await browser.get(path)
    page = Page(reply.text)
    assert reply.status_code == 200
    assert not {"script", "img"} & set(page.tags)
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7*7 }} </pre>" in page.text
    assert "⟨ESC⟩[31m" in page.text
    assert "⟨U+202E⟩gnp.exe" in page.text
    assert not {"\x00", "\x1b", "\u202e"} & set(reply.text)
    assert not [link for link in page.links if link.startswith("javascript:")]


async def test_a_line_of_300_kb_is_shown_whole(browser: httpx.AsyncClient, database: Database) -> None:
    await hostile_task(database)
    assert "z" * 300_000 in (await browser.get("/tasks/T1/1/diff/shop/checkout")).text
    assert "x" * 300_000 in (await browser.get("/tasks/T1/1/turns/1")).text


NAMES = our_names(WebConfig(host="10.0.0.7", public_url="https://Ops.Example.com:8443/pitcrew"))


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("localhost", True),
        ("LOCALHOST:3000", True),
        ("127.0.0.1:3000", True),
        ("[::1]:3000", True),
        ("[::1]", True),
        ("10.0.0.7:3000", True),
        ("ops.example.com", True),
        ("ops.example.com:8443", True),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example:3000", False),
        ("evil.example:127.0.0.1", False),
        ("localhost@evil.example", False),
        ("evil.example/localhost", False),
        ("localhost\n", False),
        ("[::1", False),
        ("", False),
        (None, False),
    ],
)
def test_only_our_own_names_are_ours(host: str | None, ours: bool) -> None:
    assert is_ours(host, NAMES) is ours


@pytest.mark.parametrize("path", EVERY_PAGE)
async def test_a_foreign_host_is_sent_away(browser: httpx.AsyncClient, database: Database, path: str) -> None:
    await landed_task(database)
    reply = await browser.get(path, headers={"Host": "rebound.evil.example"})
    assert reply.status_code == 421
    assert "Checkout" not in reply.text
    assert "Content-Security-Policy" in reply.headers


async def test_a_request_without_a_host_is_sent_away(served: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(b"GET / HTTP/1.0\r\n\r\n")
    assert (await reader.readline()).split()[1] == b"421"
    writer.close()


async def test_the_public_address_is_ours(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/", headers={"Host": "ops.example.com"})).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_nothing_but_reading_is_answered(browser: httpx.AsyncClient, database: Database, method: str) -> None:
    await landed_task(database)
    for path in ("/", "/tasks/T1", "/healthz"):
        reply = await browser.request(method, path)
        assert reply.status_code == 405
        assert reply.headers["Allow"] == "GET,HEAD"
        assert "for reading only" in reply.text
        assert (await browser.request(method, path, headers={"Host": "evil.example"})).status_code == 421


async def test_head_answers_without_a_body(browser: httpx.AsyncClient) -> None:
    reply = await browser.head("/")
    assert (reply.status_code, reply.content) == (200, b"")


async def test_a_post_route_of_the_roof_answers_under_any_name(database: Database) -> None:
    async def events(request: web.Request) -> web.Response:
        return web.Response(text=await request.text())

    app = web_app(database, WebConfig(), ready=dict, clock=lambda: NOW)
    app.router.add_post("/slack/events", events)
    server = await serve(app, "127.0.0.1", 0)
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        signed = await client.post("/slack/events", content="{}", headers={"Host": "bot.example.com"})
        looked_at = await client.get("/slack/events", headers={"Host": "bot.example.com"})
    await server.stop()
    assert (signed.status_code, signed.text, looked_at.status_code) == (200, "{}", 421)


async def test_a_database_that_is_away_is_said_in_words(browser: httpx.AsyncClient, database: Database) -> None:
    await database.write(lambda tx: tx.connection.exec_driver_sql("DROP TABLE attempts"))
    await database.write(make, 1, TaskState.RUNNING, "anything")
    reply = await browser.get("/tasks/T1")
    assert reply.status_code == 503
    assert "The database is away" in reply.text
    assert "attempts" not in reply.text
    assert (await browser.get("/healthz")).status_code == 200


async def test_health_and_readiness(browser: httpx.AsyncClient, parts: dict[str, bool]) -> None:
    assert (await browser.get("/healthz")).json() == {"status": "ok"}
    assert (await browser.get("/readyz")).status_code == 200
    parts["engine"] = False
    reply = await browser.get("/readyz")
    assert (reply.status_code, reply.json()["not_ready"]) == (503, ["engine"])
    assert (await browser.get("/healthz")).status_code == 200


async def test_a_taken_port_is_named_with_the_setting_to_change(served: Served, database: Database) -> None:
    app = web_app(database, WebConfig(), ready=dict, clock=lambda: NOW)
    with pytest.raises(ConfigurationError, match=rf"127\.0\.0\.1:{served.port} is taken .*\[web\] port"):
        await serve(app, "127.0.0.1", served.port)


async def test_a_host_that_is_not_ours_to_listen_on_is_named(database: Database) -> None:
    app = web_app(database, WebConfig(), ready=dict, clock=lambda: NOW)
    with pytest.raises(ConfigurationError, match=r"192\.0\.2\.1:0 cannot be listened on .*\[web\] host"):
        await serve(app, "192.0.2.1", 0)


async def test_a_stopped_server_frees_its_port(database: Database) -> None:
    server = await serve(web_app(database, WebConfig(), ready=dict, clock=lambda: NOW), "127.0.0.1", 0)
    await server.stop()
    await server.stop()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.port)) != 0
