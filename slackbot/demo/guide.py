"""What the page's guide says next, from where the story stands. Draws nothing."""

from slackbot.demo.scene import BOB, INCIDENTS
from slackbot.demo.story import FEEDBACK, REQUEST, Standing, Story
from slackbot.playground.page import Guide, OpenAt, Suggestion

STEPS = 6
AT_WORK = frozenset({Standing.ASKED, Standing.WAITING, Standing.WORKING})
ENDED = frozenset({Standing.ANSWERED, Standing.FAILED, Standing.STOPPED, Standing.BLOCKED})

ASK = """You are Alice, on call, and payments is burning. In the alert's thread a message is written for you: \
press *Enter*."""
WATCH = """One card per task, edited in place. pitcrew reads the thread, makes its own copy of `acme/payments`, lets \
the agent work and runs the repository's check, which is red today."""
READ = """*See the diff* on the card opens it. 30 s is a long wait at a checkout: click *Rework* and say so. A text is \
suggested."""
AGAIN = """Branch, workspace and pull request were thrown away. Attempt 2 starts from `main`, and its agent reads what \
was wrong."""
APPROVE = """Alice asked for this, so she may not approve it (try it). Bob may: act as him and click *Approve*."""
LANDING = """pitcrew merges exactly the commit that Bob saw."""
SEEN = """A page became a fix and a lesson: `main` has {mended} and a new section in \
`docs/reliability.md`. At {summary_at} UTC the daily summary comes to #team.

*Your own Slack:* `slackbot manifest` prints the app to create at api.slack.com/apps. Tokens go into `.env`, your \
repository into `slackbot.toml`, then `make run`: five steps in the README."""
ENDED_OTHERWISE = """The card says why and what to do next. The whole story is in the bot's log, `{log}`."""


class DemoGuide:
    """`summary_at`: when the daily summary is posted, as 09:00. `log`: the bot's log file."""

    def __init__(self, story: Story, summary_at: str, log: str) -> None:
        self._story, self._summary_at, self._log = story, summary_at, log

    def __call__(self) -> Guide:
        standing, again = self._story.standing(), self._story.attempt() > 1
        if standing is None:
            at = OpenAt(channel=INCIDENTS, thread_ts=self._story.scene.alert_ts)
            return _step(1, "Ask for a fix", ASK, suggestion=Suggestion(text=REQUEST, at=at))
        if standing in AT_WORK:
            return _step(4, "From scratch, wiser", AGAIN) if again else _step(2, "Watch the card", WATCH)
        if standing is Standing.READY:
            if again:
                return _step(5, "Approve as Bob", APPROVE, act_as=BOB)
            return _step(3, "Read the diff, send it back", READ, suggestion=Suggestion(text=FEEDBACK))
        if standing in ENDED:
            return _step(STEPS, "It ended otherwise", ENDED_OTHERWISE.format(log=self._log))
        if standing is Standing.LANDING:
            return _step(STEPS, "On its way", LANDING)
        mended = "the timeout, the retry" if again else "the timeout"
        return _step(STEPS, "What you just saw", SEEN.format(mended=mended, summary_at=self._summary_at), done=True)


def _step(step: int, title: str, text: str, **more: object) -> Guide:
    return Guide.model_validate({"step": step, "of": STEPS, "title": title, "text": text, **more})
