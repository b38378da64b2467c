"""The repository picker of a card that waits for one: a button, or a menu when there are several."""

ID = "repository"
