"""Writes that share a commit: together when all is well, apart when one of them fails, never lost."""

import threading
from collections.abc import Iterator
from concurrent.futures import wait
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from slackbot.store.writers import GroupedWriter


class Notes:
    """A database of lines whose only writer waits at a gate until its first write may go on."""

    def __init__(self, path: Path) -> None:
        self.engine: Engine = create_engine(f"sqlite:///{path / 'notes.db'}")
        self.commits = 0
        with self.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE notes (line TEXT PRIMARY KEY)")
        event.listen(self.engine, "commit", self._count)
        self.writer = GroupedWriter(self.engine)
        self.gate, self.busy = threading.Event(), threading.Event()
        self.writer.write(self._wait_at_the_gate)
        assert self.busy.wait(10)

    def _wait_at_the_gate(self, _: Connection) -> None:
        self.busy.set()
        self.gate.wait(10)

    def _count(self, _: Connection) -> None:
        self.commits += 1

    def lines(self) -> list[str]:
        with self.engine.connect() as connection:
            return list(connection.exec_driver_sql("SELECT line FROM notes ORDER BY rowid").scalars())


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[Notes]:
    made = Notes(tmp_path)
    yield made
    made.gate.set()
    made.writer.close()
    made.engine.dispose()


def note(line: str):  # type: ignore[no-untyped-def]
    def query(connection: Connection) -> str:
        connection.exec_driver_sql("INSERT INTO notes VALUES (?)", (line,))
        return line

    return query


def broken(connection: Connection) -> None:
    note("half")(connection)
    raise LookupError("on purpose")


def away(_: Connection) -> None:
    raise OperationalError("INSERT", {}, Exception("disk I/O error"))


def test_what_waits_is_committed_together_in_the_order_of_arrival(notes: Notes) -> None:
    waiting = [notes.writer.write(note(f"line {n}")) for n in range(20)]
    notes.gate.set()
    assert [each.result(10) for each in waiting] == notes.lines() == [f"line {n}" for n in range(20)]
    assert notes.commits == 2  # the first one's, and theirs


def test_one_that_fails_takes_nobody_with_it_and_leaves_nothing(notes: Notes) -> None:
    before, failing, after = (notes.writer.write(query) for query in (note("before"), broken, note("after")))
    notes.gate.set()
    wait([before, failing, after], 10)
    assert isinstance(failing.exception(), LookupError)
    assert (before.result(), after.result()) == ("before", "after")
    assert notes.lines() == ["before", "after"]


def test_a_database_that_is_away_is_waited_for_once_and_told_to_all(notes: Notes) -> None:
    asked: list[str] = []
    waiting = [notes.writer.write(query) for query in (lambda _: asked.append("once"), away, note("never"))]
    notes.gate.set()
    wait(waiting, 10)
    assert [type(each.exception()) for each in waiting] == [OperationalError] * 3
    assert (asked, notes.lines()) == (["once"], [])


def test_a_write_that_nobody_wants_any_more_is_left_out(notes: Notes) -> None:
    unwanted, wanted = notes.writer.write(note("unwanted")), notes.writer.write(note("wanted"))
    assert unwanted.cancel()
    notes.gate.set()
    wanted.result(10)
    assert notes.lines() == ["wanted"]


def test_closing_writes_what_waits_and_takes_nothing_more(notes: Notes) -> None:
    last = notes.writer.write(note("last"))
    notes.gate.set()
    notes.writer.close()
    assert last.done()
    with pytest.raises(RuntimeError):
        notes.writer.write(note("too late"))
    assert notes.lines() == ["last"]
