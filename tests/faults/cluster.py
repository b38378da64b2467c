"""A Postgres server of a test's own, that it may stop, crash and start again. The same as .ci/postgres starts."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

STARTS_S = 30


def programs() -> Path | None:
    """The folder of Debian's newest server, or of the one on the PATH; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class Cluster:
    """`url`: as an operator writes it."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder = programs, folder
        self._as = ["setpriv", "--pdeathsig", "INT"]
        if os.getuid() == 0:  # Postgres refuses to run as root
            user = "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"
            shutil.chown(folder, user)
            self._as += [f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        password = secrets.token_hex(16)
        self.url = f"postgresql://pitcrew:{password}@127.0.0.1:{self._port}/postgres"
        self._server: subprocess.Popen[bytes] | None = None
        self._initialise(password)

    def _initialise(self, password: str) -> None:
        given = self._folder / "password"
        given.write_text(password)
        given.chmod(0o644)
        initdb = [self._programs / "initdb", "-D", self._folder / "data", "-U", "pitcrew", "-A", "scram-sha-256"]
        options = [f"--pwfile={given}", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run([*self._as, *initdb, *options], check=True, capture_output=True, cwd=self._folder)

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=100"]
        command = [*self._as, self._programs / "postgres", "-D", self._folder / "data", "-p", str(self._port), *options]
        with (self._folder / "server.log").open("ab") as log:
            self._server = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder)
        engine = create_engine(self.url.replace("postgresql://", "postgresql+psycopg://"))
        end = time.monotonic() + STARTS_S
        while True:
            try:
                engine.connect().close()
                break
            except OperationalError:
                assert time.monotonic() < end, (self._folder / "server.log").read_text()
                time.sleep(0.05)
        engine.dispose()

    def crash(self) -> None:
        """End it at once, with whatever is under way."""
        self._end(signal.SIGQUIT)

    def stop(self) -> None:
        """Break every connection and end it in good order."""
        self._end(signal.SIGINT)

    def _end(self, how: signal.Signals) -> None:
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait()
            self._server = None


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running server in a folder of its own; both are gone afterwards."""
    found = programs()
    assert found is not None, "ask programs() first"
    folder = Path(tempfile.mkdtemp(prefix="pitcrew-postgres-"))
    made = Cluster(found, folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)
