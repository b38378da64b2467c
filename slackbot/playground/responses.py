"""Answers response_url: what an app may post there after a click; knows nothing of the Web API."""

from aiohttp import web

from slackbot.playground.limits import POST_TEXT, check_message
from slackbot.playground.model import Draft
from slackbot.playground.triggers import Reply, Triggers
from slackbot.playground.wire import Json, SlackError
from slackbot.playground.workspace import Workspace


class Responses:
    def __init__(self, workspace: Workspace, triggers: Triggers) -> None:
        self._workspace = workspace
        self._triggers = triggers

    async def handle(self, request: web.Request) -> web.Response:
        """Slack answers the plain text "ok", or 404 with the error's code."""
        try:
            reply = self._triggers.use_reply(request.match_info["name"])
            self._respond(reply, await request.json())
        except SlackError as error:
            return web.Response(status=404, text=error.code)
        return web.Response(text="ok")

    def _respond(self, reply: Reply, body: Json) -> None:
        message = reply.message
        if body.get("delete_original"):
            self._workspace.delete(message.channel, message.ts)
            return
        text, blocks = str(body.get("text", "")), tuple(body.get("blocks") or ())
        check_message(text, list(blocks), [], longest_text=POST_TEXT)
        if body.get("replace_original") and not message.ephemeral_for:
            by = self._workspace.bot_user_id
            self._workspace.edit(message.channel, message.ts, by, text=text, blocks=blocks)
            return
        in_channel = body.get("response_type") == "in_channel"
        draft = Draft(channel=message.channel, user=self._workspace.bot_user_id, text=text, blocks=blocks)
        extras = {"thread_ts": body.get("thread_ts"), "ephemeral_for": None if in_channel else reply.user}
        self._workspace.post(draft.model_copy(update=extras))
