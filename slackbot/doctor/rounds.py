"""Which checks there are, and that they run at once and all of them to the end. Knows what none of them means."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from slackbot.core.config import Config, SummaryConfig
from slackbot.doctor import agents, approvers, channels, database, machine, repos, slack
from slackbot.doctor.case import Case
from slackbot.doctor.findings import Finding, Report, Verdict, fault, named, ok, split
from slackbot.doctor.summaries import summary
from slackbot.settings import Survey

Check = Callable[[], Awaitable[Verdict]]
Tell = Callable[[Finding], None]

IN_FILE = "Correct that in slackbot.toml; slackbot.toml.sample shows every key."
IN_VARIABLES = "Correct that variable, in the environment or in the .env beside slackbot.toml."


def configuration(survey: Survey, config: Config, faults: list[str]) -> list[Verdict]:
    """Every fault of the file and the variables; one good word when there is none."""
    found = [fault(line, IN_FILE) for line in faults]
    found += [fault(*split(line, ": ", IN_VARIABLES)) for line in survey.faults]
    counts = f"repositories {len(config.repos)}, agents {len(config.agents)}, summaries {len(config.summaries)}"
    return found or [ok(f"{survey.config_path}: {counts}")]


def checks(case: Case) -> dict[str, Check]:
    """Every check by its name, in the order of the report."""
    config = case.config
    found: dict[str, Check] = {
        "slack.bot_token": partial(slack.bot_token, case),
        "slack.scopes": partial(slack.scopes, case),
        "slack.app_token": partial(slack.app_token, case),
        "slack.clock": partial(slack.clock, case),
        "database": partial(database.database, case),
        "database.sqlite": partial(database.sqlite, case),
        "data_dir": partial(machine.data_dir, case),
        "data_dir.disk": partial(machine.disk, case),
        "web.port": partial(machine.port, case),
        "git": partial(repos.git, case),
    }
    found |= {f"agent:{name}": partial(agents.agent, case, name, agent) for name, agent in config.agents.items()}
    found |= {f"repo:{repo.name}": partial(repos.repo, case, repo) for repo in config.repos}
    found |= {f"channel:{id}": partial(channels.channel, case, id, use) for id, use in channels.uses(config).items()}
    found |= {f"approver:{id}": partial(approvers.approver, case, id, of) for id, of in approvers.uses(config).items()}
    found |= {f"summary:{entry.name}": partial(_summary, case, entry) for entry in config.summaries}
    return found


async def make_rounds(known: list[Verdict], case: Case, tell: Tell) -> Report:
    """Tell what is known, run every check at once and tell each finding as it comes; the whole report, in order."""
    secrets = case.secrets()

    async def one(name: str, check: Check) -> Finding:
        finding = named(name, await _to_the_end(check), secrets)
        tell(finding)
        return finding

    first = [named("configuration", verdict, secrets) for verdict in known]
    for finding in first:
        tell(finding)
    rest = await asyncio.gather(*(one(name, check) for name, check in checks(case).items()))
    return Report(checks=(*first, *rest))


async def _to_the_end(check: Check) -> Verdict:
    try:
        return await check()
    except Exception as error:  # noqa: BLE001 a check that breaks is a finding, and the others go on
        return fault(f"the check itself broke ({type(error).__name__})", "Look at what it names, and report it to us.")


async def _summary(case: Case, entry: SummaryConfig) -> Verdict:
    return summary(entry, case.clock())
