"""The pages' main facts, followed by their links as a reader follows them."""

from urllib.parse import urljoin

import httpx
import pytest

from slackbot.core.task import TaskState
from slackbot.store import work
from slackbot.store.database import Database
from tests.web.reading import Page
from tests.web.seed import change, landed_task, make


async def read(browser: httpx.AsyncClient, path: str) -> Page:
    reply = await browser.get(path)
    assert reply.status_code == 200, reply.text
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    return Page(reply.text)


async def test_an_empty_house_says_how_to_begin(browser: httpx.AsyncClient) -> None:
    assert "No task is open. Mention the bot" in (await read(browser, "/")).text


async def test_the_first_page_lists_open_tasks_by_state_and_the_ended_ones(
    browser: httpx.AsyncClient, database: Database
) -> None:
    await landed_task(database)
    await database.write(make, 2, TaskState.RUNNING, "Retries\nare not safe", 5)
    await database.write(make, 3, TaskState.AWAITING_APPROVAL, "Memory grows", 125)
    page = await read(browser, "/")
    places = [
        page.text.index(words) for words in ("T3 Memory grows", "T2 Retries", "Ended lately", "T1 Checkout hangs")
    ]
    assert places == sorted(places)
    assert "awaiting approval 2 h 5 min ago" in page.text
    assert {"./tasks/T1", "./tasks/T2", "./tasks/T3"} <= set(page.links)


async def test_more_open_tasks_than_fit_are_counted(browser: httpx.AsyncClient, database: Database) -> None:
    for number in range(201):
        await database.write(make, number, TaskState.QUEUED, f"task {number}", number + 1)
    page = await read(browser, "/")
    assert "201 tasks are open; these 200 have stood longest." in page.text
    assert "T1 task 0" not in page.text


async def test_a_task_tells_its_whole_story(browser: httpx.AsyncClient, database: Database) -> None:
    await landed_task(database)
    page = await read(browser, "/tasks/T1")
    for fact in (
        "T1 done",
        "Landed in main.",
        "Payments pile up since 11:20",
        "done, since 20 Nov 2026, 11:51:00 UTC (9 min ago)",
        "channel C0INCIDENT, message 1700000000.000001",
        "Rework by U0BOB on attempt 1, 20 Nov 2026, 11:30:00 UTC",
        "Approve by U0BOB on attempt 2, 20 Nov 2026, 11:50:00 UTC, seeing 2b2b2b2b2b2b",
        "Thrown away by U0BOB, who said: The timeout must be a setting.",
        "failed check of shop/checkout in 1 min 11 s over its budget of 1 min",
        "FAILED test_a_slow_bank 1 failed",
        "passed check of shop/checkout in 2.5 s",
        "landed as eeeeeeeeeeee",
        "2, check demo (no AI) 11:39:00 2 min completed",
    ):
        assert fact in page.text
    assert page.text.index("Attempt 2 began") < page.text.index("Attempt 1 began")


async def test_every_link_of_a_task_leads_somewhere(browser: httpx.AsyncClient, database: Database) -> None:
    await landed_task(database)
    own = [link for link in (await read(browser, "/tasks/T1")).links if not link.startswith(("http", "#"))]
    targets = {urljoin("/tasks/T1", link) for link in own}
    assert {"/", "/static/style.css", "/tasks/T1/1/diff/shop/checkout", "/tasks/T1/2/turns/2"} <= targets
    for target in targets:
        assert (await browser.get(target)).status_code == 200, target


async def test_links_also_work_below_a_proxys_path(browser: httpx.AsyncClient, database: Database) -> None:
    await landed_task(database)
    below = "https://ops.example.com/pitcrew/tasks/T1/2/diff/shop/checkout"
    links = {urljoin(below, link) for link in (await read(browser, "/tasks/T1/2/diff/shop/checkout")).links}
    plain = f"{below}?plain"
    assert {"https://ops.example.com/pitcrew/", "https://ops.example.com/pitcrew/tasks/T1", plain} <= links
    assert "https://ops.example.com/pitcrew/static/style.css" in links


async def test_a_turn_shows_its_prompt_word_for_word(browser: httpx.AsyncClient, database: Database) -> None:
    await landed_task(database)
    html = (await browser.get("/tasks/T1/2/turns/1")).text
    assert ">\n# The request\n\nFix the timeout.</pre>" in html
    page = Page(html)
    for fact in ("demo (no AI)", "after 5 min", "Outcome completed", "Tokens 1,234", "I gave it one."):
        assert fact in page.text


async def test_a_diff_shows_files_signs_and_numbers(browser: httpx.AsyncClient, database: Database) -> None:
    await landed_task(database)
    page = await read(browser, "/tasks/T1/2/diff/shop/checkout")
    for fact in (
        "shop/checkout +3 −2",
        "Landed in main as " + "e" * 40,
        "payments/client.py +2 −1",
        "docs/old.md → docs/reliability.md renamed +1 −1",
        "logo.png added binary",
        "A binary file: its content is not shown.",
        "@@ -10,4 +10,5 @@ class Client:",
        "11 − return self.session.post",
        "11 + reply = self.session.post",
        "2 − -- every call has a timeout?",
        "No newline at end of file",
    ):
        assert fact in page.text
    assert page.tags.count("table") == 2


async def test_the_diff_of_an_attempt_that_did_not_land_does_not_say_so(
    browser: httpx.AsyncClient, database: Database
) -> None:
    await landed_task(database)
    assert "Landed" not in (await read(browser, "/tasks/T1/1/diff/shop/checkout")).text


async def test_a_diff_can_be_had_as_plain_text(browser: httpx.AsyncClient, database: Database) -> None:
    await landed_task(database)
    reply = await browser.get("/tasks/T1/2/diff/shop/checkout?plain")
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert reply.text.startswith("diff --git a/payments/client.py")


@pytest.mark.parametrize(("lines", "hidden"), [(26_000, 0), (90_000, 50_000)])
async def test_a_diff_of_a_megabyte_is_shown_and_says_what_it_leaves_out(
    browser: httpx.AsyncClient, database: Database, lines: int, hidden: int
) -> None:
    task = await database.write(make, 1, TaskState.AWAITING_APPROVAL, "a big one")
    body = "".join(f"+{n:0{900_000 // lines}}\n" for n in range(lines))
    diff = (
        f"diff --git a/big b/big\n--- a/big\n+++ b/big\n@@ -0,0 +1,{lines} @@\n{body}\n[The diff goes on: 9 bytes.]\n"
    )
    await database.write(work.put_change, change(task.id), diff)
    html = (await browser.get(f"/tasks/{task.label}/1/diff/shop/checkout")).text
    assert html.count('<tr class="a">') == lines - hidden
    assert ("50,000 lines are left out here" in html) is bool(hidden)
    assert "The diff goes on: 9 bytes." in html
    assert '<details class="file" id="file-1">' in html  # folded: so long a table would be laid out at once


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/tasks/T99", "There is no task T99"),
        ("/tasks/T999999999", "There is no task T999999999"),
        ("/tasks/T99999999999999999999", "There is no such page."),
        ("/tasks/T%D9%A1", "There is no such page."),
        ("/tasks/T1/2/turns/9", "T1 has no turn 9 in attempt 2"),
        ("/tasks/T1/3/diff/shop/checkout", "T1 has no change to shop/checkout in attempt 3"),
        ("/tasks/T1/2/diff/shop/%00", "T1 has no change to shop/⟨NUL⟩ in attempt 2"),
        ("/tasks/T1/2/diff/../../../../etc/passwd", "There is no such page."),
        ("/tasks/T1/2/diff/<script>", "T1 has no change to <script> in attempt 2"),
        ("/static/../app.py", "There is no such page."),
        ("/static/nothing.css", "There is no such page."),
    ],
)
async def test_what_is_not_there_is_said_in_words(
    browser: httpx.AsyncClient, database: Database, path: str, words: str
) -> None:
    await landed_task(database)
    reply = await browser.get(path)
    assert reply.status_code == 404
    page = Page(reply.text)
    assert words in page.text
    assert "script" not in page.tags


async def test_pages_have_landmarks_one_heading_and_captions(browser: httpx.AsyncClient, database: Database) -> None:
    await landed_task(database)
    for path in ("/", "/tasks/T1", "/tasks/T1/1/turns/1", "/tasks/T1/1/diff/shop/checkout", "/nowhere"):
        page = Page((await browser.get(path)).text)
        assert [page.tags.count(tag) for tag in ("main", "header", "footer", "h1")] == [1, 1, 1, 1], path
        assert page.tags.count("table") == page.tags.count("caption"), path
        assert ("lang", "en") in page.attributes
