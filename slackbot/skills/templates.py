"""Renders the prompt templates, strictly; refuses to know what the facts mean."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, UndefinedError

from slackbot.skills.quoting import at, contained, fenced, one_line, quoted

PROMPTS = Path(__file__).parent / "prompts"


class Templates:
    """The templates of one folder: NAME.md.j2, whose first lines say which facts it wants."""

    def __init__(self, folder: Path = PROMPTS) -> None:
        # Prompts are plain text, so HTML escaping would only garble them; `quoted` guards our tags instead.
        self._jinja = Environment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            autoescape=False,
            finalize=quoted,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._jinja.filters.update(at=at, contained=contained, fenced=fenced, one_line=one_line)

    def render(self, template: str, facts: dict[str, object]) -> str:
        """Fill a template. Raises LookupError naming the template that is not there or the fact that is missing."""
        try:
            text = self._jinja.get_template(f"{template}.md.j2").render(facts)
        except TemplateNotFound as error:
            raise LookupError(f"there is no prompt template {template!r}") from error
        except UndefinedError as error:
            raise LookupError(f"prompt template {template!r}: {error}") from error
        return text.strip("\n") + "\n"
