"""Owns Socket Mode: tickets, connections, envelopes, disconnects; what is in an envelope it does not know."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from slackbot.playground.deliveries import Deliveries, Delivery
from slackbot.playground.model import Change
from slackbot.playground.wire import Json
from slackbot.playground.workspace import Workspace

MOST_CONNECTIONS = 10
HEARTBEAT_S = 10.0
CLOSE_TIMEOUT_S = 1.0


@dataclass(eq=False)
class Connection:
    request: web.Request
    socket: web.WebSocketResponse

    async def send(self, frame: Json) -> None:
        await self.socket.send_str(json.dumps(frame))

    @property
    def usable(self) -> bool:
        transport = self.request.transport
        return not self.socket.closed and transport is not None and not transport.is_closing()


class SocketMode:
    """The websocket side. Envelopes go to the connections in turn and wait while there is none."""

    def __init__(self, workspace: Workspace) -> None:
        self.refusals = 0  # so many handshakes to come are refused, their tickets used up
        self._workspace = workspace
        self._tickets: set[str] = set()
        self._connections: deque[Connection] = deque()
        self._someone = asyncio.Event()
        self._deliveries: Deliveries

    @property
    def connections(self) -> int:
        """How many connections may be given envelopes."""
        return sum(connection.usable for connection in self._connections)

    def serve(self, deliveries: Deliveries) -> None:
        """Tell it who takes the acks."""
        self._deliveries = deliveries

    def new_ticket(self) -> str:
        """For one connection, as in the URL of apps.connections.open."""
        ticket = self._workspace.ids.new("ticket-")
        self._tickets.add(ticket)
        return ticket

    async def send(self, delivery: Delivery, envelope_id: str) -> None:
        while True:
            connection = await self._next_connection()
            if delivery.withdrawn:
                return
            retry = self._deliveries.note_sent(delivery, envelope_id)
            try:
                await connection.send(_envelope(delivery, envelope_id, retry))
            except ConnectionError:
                self._leave(connection)
            else:
                return

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection, from hello to its end."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.json_response({"ok": False, "error": "invalid_ticket"}, status=403)
        self._tickets.remove(ticket)
        if self.refusals:
            self.refusals -= 1
            return web.json_response({"ok": False, "error": "internal_error"}, status=503)
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, timeout=CLOSE_TIMEOUT_S)
        await socket.prepare(request)
        connection = Connection(request, socket)
        if self.connections >= MOST_CONNECTIONS:
            await connection.send(_disconnect("too_many_websockets"))
            await socket.close()
            return socket
        await connection.send(self._hello())
        self._join(connection)
        try:
            await self._read_acks(socket)
        finally:
            self._leave(connection)
        return socket

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to go, as Slack does now and then; they get no more envelopes."""
        for connection in self._dismissed():
            await connection.send(_disconnect(reason))

    async def abort(self) -> None:
        """Break every TCP connection without a word."""
        for connection in self._dismissed():
            if connection.request.transport is not None:
                connection.request.transport.abort()

    async def stop(self) -> None:
        await asyncio.gather(*(connection.socket.close() for connection in self._dismissed()))

    async def _read_acks(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                frame = json.loads(message.data)
                self._deliveries.ack(str(frame.get("envelope_id", "")), frame.get("payload") or {})

    async def _next_connection(self) -> Connection:
        while True:
            await self._someone.wait()
            self._connections.rotate(-1)
            connection = self._connections[0]
            if connection.usable:
                return connection
            self._leave(connection)

    def _dismissed(self) -> list[Connection]:
        leaving = [connection for connection in self._connections if connection.usable]
        for connection in leaving:
            self._leave(connection)
        return leaving

    def _join(self, connection: Connection) -> None:
        self._connections.append(connection)
        self._someone.set()
        self._workspace.announce(Change(kind="wire", facts={"connections": self.connections}))

    def _leave(self, connection: Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
            self._workspace.announce(Change(kind="wire", facts={"connections": self.connections}))
        if not self._connections:
            self._someone.clear()

    def _hello(self) -> Json:
        debug = {"host": "applink-local", "build_number": 1, "approximate_connection_time": 18_060}
        app = {"app_id": self._workspace.app_id}
        return {"type": "hello", "num_connections": self.connections + 1, "debug_info": debug, "connection_info": app}


def _disconnect(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-local"}}


def _envelope(delivery: Delivery, envelope_id: str, retry: int) -> Json:
    envelope: Json = {"envelope_id": envelope_id, "type": delivery.kind, "payload": delivery.payload}
    if delivery.kind == "events_api":
        reason = delivery.retry_reason if retry else ""
        return {**envelope, "accepts_response_payload": False, "retry_attempt": retry, "retry_reason": reason}
    return {**envelope, "accepts_response_payload": True}
