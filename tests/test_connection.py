"""The line to Slack comes back: also after a handshake that failed, whose address works only once."""

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.connection import Identity, SocketLine, bolt
from slackbot.playground.server import LocalSlack
from slackbot.settings import Settings
from tests.fakes.processes import comes_true


def _settings(slack: LocalSlack) -> Settings:
    fields = {"config_path": "/c", "env_file": "/e", "data_dir": "/d", "database_url": "sqlite://"}
    tokens = {"slack_bot_token": slack.bot_token, "slack_app_token": slack.app_token}
    return Settings.model_validate(fields | tokens)


async def _line(slack: LocalSlack) -> SocketLine:
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    app = bolt(client, _settings(slack), Identity(team="T", user="U", bot="B"))
    return SocketLine(app, client, slack.app_token, ping_s=0.1, watch_s=0.3)


async def test_a_torn_line_whose_first_handshake_fails_is_replaced() -> None:
    async with LocalSlack.running() as slack:
        line = await _line(slack)
        await line.open()
        slack.socket.refusals = 1
        await slack.socket.abort()
        await comes_true(lambda: slack.socket.connections == 1, 15)
        await line.close()


async def test_a_slack_that_refuses_at_first_is_asked_again_at_the_start() -> None:
    async with LocalSlack.running() as slack:
        slack.faults.error("apps.connections.open", "internal_error")
        line = await _line(slack)
        await line.open()
        assert slack.socket.connections == 1
        await line.close()
