"""Listens on a host and port and stops again. Knows no route."""

import errno
from dataclasses import dataclass

from aiohttp import web

from slackbot.core.errors import ConfigurationError

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # where this machine itself reaches such a server


@dataclass(frozen=True)
class Served:
    """A server that listens; `port` is the one it got."""

    host: str
    port: int
    runner: web.AppRunner

    @property
    def url(self) -> str:
        """Its address on this machine, without a slash at the end."""
        host = _EVERYWHERE.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    async def stop(self) -> None:
        """End open requests within a second and free the port; a second time changes nothing."""
        await self.runner.cleanup()


async def serve(app: web.Application, host: str, port: int) -> Served:
    """Listen. Port 0: any free one. Raises ConfigurationError when it cannot, with the setting to change."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        raise ConfigurationError([_fault(error, host, port)]) from error
    return Served(host=host, port=int(runner.addresses[0][1]), runner=runner)


def _fault(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{host}:{port} is taken by another program: set another port in [web] port (0: any free one)"
    if error.errno == errno.EACCES:
        return f"{host}:{port} may not be used by this user: set a port above 1023 in [web] port"
    return f"{host}:{port} cannot be listened on ({error.strerror or error}): check [web] host and [web] port"
