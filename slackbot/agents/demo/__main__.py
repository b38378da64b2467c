"""`python -m slackbot.agents.demo`: the demo agent over stdin and stdout."""

from slackbot.agents.demo.program import main

main()
