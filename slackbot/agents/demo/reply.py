"""What the demo agent does about a prompt: explicit instructions, the story, or a list of what it can do."""

from pathlib import Path
from typing import Protocol

from slackbot.agents.demo.files import CannotDo
from slackbot.agents.demo.hearing import Heard, hear
from slackbot.agents.demo.instructions import instructions
from slackbot.agents.demo.story import play, repair_for
from slackbot.agents.demo.work import Voice, follow

NO_AI = "No AI here: I am the demo agent and do what explicit instructions say, line by line."
ABILITIES = """I found nothing that I can follow, so I changed nothing. One instruction per line:
• `write FILE: TEXT` (or a code block on the lines after it), `append FILE: TEXT`, `replace FILE: OLD => NEW`, \
`delete FILE`
• `run COMMAND`, `say TEXT`, `plan A; B; C`, `wait N`
• `fail`, `exit N`, `silent`, to see how the bot copes
In the demo's payments repository I also know how to `fix this page`."""
CHECK_FAILED = "The check failed. I cannot find out why: I only do what I am told, so I changed nothing more."
CONFLICT = "The files are in conflict. I cannot decide what each side meant, so I left the conflict markers."


class TalkingVoice(Voice, Protocol):
    async def text(self, text: str) -> None:
        """A piece of the answer."""


async def reply(prompt: str, workspace: Path, voice: TalkingVoice, pace_s: float = 0) -> None:
    """Work on a prompt to its end; the story's steps take at least `pace_s` each. Raises Failed when told to."""
    await voice.text(f"{NO_AI}\n\n")
    try:
        told = await _work_on(hear(prompt), workspace, voice, pace_s)
    except CannotDo as cannot:
        told = [f"I got stuck: {cannot}"]
    await voice.text("\n".join(told))


async def _work_on(heard: Heard, workspace: Path, voice: Voice, pace_s: float) -> list[str]:
    if not heard.messages:
        if heard.check_failed:
            return [CHECK_FAILED]
        if heard.conflict:
            return [CONFLICT]
    # The turns before have done the request; a new attempt has its request and all the feedback to do.
    asked = heard.messages or (heard.request, *heard.feedback)
    told = tuple(instruction for text in asked for instruction in instructions(text))
    if told:
        return await follow(told, workspace, voice)
    repair = repair_for(heard, workspace)
    return await play(repair, workspace, voice, pace_s) if repair else [ABILITIES]
