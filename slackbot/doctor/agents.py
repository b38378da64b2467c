"""Whether the agents can run. Starts none."""

from slackbot.agents import faults
from slackbot.app import PASSED_ON
from slackbot.core.config import AgentConfig
from slackbot.doctor.case import Case
from slackbot.doctor.findings import Verdict, fault, ok, warning
from slackbot.settings import inherited

CORRECT = "Correct the agent's table in slackbot.toml, or install its program where the bot's PATH finds it."
SET = "Set them where the bot's own variables are set, or take them out of the agent's env in slackbot.toml."


async def agent(case: Case, name: str, config: AgentConfig) -> Verdict:
    environment = inherited((*PASSED_ON, *config.env), case.survey.env_file)
    reasons = faults({name: config}, environment, case.survey.config_path.parent)
    unset = [variable for variable in config.env if variable not in environment]
    used = any(repo.agent == name for repo in case.config.repos)
    return judged(config, reasons, unset, used=used)


def judged(config: AgentConfig, reasons: list[str], unset: list[str], *, used: bool) -> Verdict:
    """An agent that no repository names hurts nobody."""
    if reasons:
        said = "; ".join(reasons)
        return fault(said, CORRECT) if used else warning(f"{said} (no repository uses it)", CORRECT)
    if unset:
        return warning(f"variables that it is to get are not set: {', '.join(unset)}", SET)
    return ok("built in, no AI" if config.kind == "demo" else f"{config.command[0]} is there")
