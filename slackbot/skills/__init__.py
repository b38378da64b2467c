"""The wing of words: loads SKILL.md folders and renders prompts; knows no flow, no agent and no chat."""

from slackbot.skills.folder import SkillFolder

__all__ = ["SkillFolder"]
