"""The demo agent's side of ACP: prompts in, plan, steps and text out. What it does is decided in `reply`."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import acp
from acp import RequestError, helpers, schema

import slackbot
from slackbot.agents.demo.reply import reply
from slackbot.agents.demo.work import Failed
from slackbot.core.agent import PlanStep

# A person who watches the card sees each step of the story.
PACE_S = 0.8


class AcpVoice:
    """Says plan, steps and text to the client of one session."""

    def __init__(self, client: acp.Client, session: str) -> None:
        self._client, self._session = client, session
        self._steps = 0

    async def text(self, text: str) -> None:
        await self._client.session_update(self._session, helpers.update_agent_message_text(text))

    async def plan(self, steps: tuple[PlanStep, ...]) -> None:
        entries = [helpers.plan_entry(step.title, status=step.status) for step in steps]
        await self._client.session_update(self._session, helpers.update_plan(entries))

    async def step(self, title: str, kind: Any) -> None:
        self._steps += 1
        call = helpers.start_tool_call(f"step-{self._steps}", title, kind=kind, status="in_progress")
        await self._client.session_update(self._session, call)


class DemoAgent:
    """One prompt at a time; `cancel` ends it. The SDK answers the methods that are not here with "not found"."""

    def __init__(self) -> None:
        self._client: acp.Client | None = None
        self._workspaces: dict[str, Path] = {}
        self._work: asyncio.Task[None] | None = None

    def on_connect(self, conn: acp.Client) -> None:
        self._client = conn

    async def initialize(self, protocol_version: int, *_: Any, **__: Any) -> acp.InitializeResponse:
        info = schema.Implementation(name="pitcrew-demo", title="demo (no AI)", version=slackbot.__version__)
        return acp.InitializeResponse(protocol_version=acp.PROTOCOL_VERSION, agent_info=info)

    async def new_session(self, cwd: str, *_: Any, **__: Any) -> acp.NewSessionResponse:
        session = uuid4().hex
        self._workspaces[session] = Path(cwd)
        return acp.NewSessionResponse(session_id=session)

    async def prompt(self, session_id: str, prompt: list[Any], **_: Any) -> acp.PromptResponse:
        if self._client is None or session_id not in self._workspaces:
            raise RequestError.invalid_params({"sessionId": session_id})
        text = "".join(block.text for block in prompt if isinstance(block, schema.TextContentBlock))
        voice = AcpVoice(self._client, session_id)
        self._work = asyncio.create_task(reply(text, self._workspaces[session_id], voice, PACE_S))
        await asyncio.wait({self._work})
        if self._work.cancelled():
            return acp.PromptResponse(stop_reason="cancelled")
        try:
            self._work.result()
        except Failed as failed:
            raise RequestError(-32603, str(failed)) from failed
        return acp.PromptResponse(stop_reason="end_turn")

    async def cancel(self, session_id: str, **_: Any) -> None:
        if self._work is not None:
            self._work.cancel()
