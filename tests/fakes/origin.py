"""A small real repository that plays the origin: made and changed with git, without a checkout."""

import subprocess
from pathlib import Path

from slackbot.core.config import RepoConfig

ENV = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.invalid",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.invalid",
}
START = {"app.py": "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n", "docs/notes.md": "# Notes\n"}


def git(*argv: str, cwd: Path, stdin: bytes = b"") -> str:
    """Git as a person on another machine runs it."""
    done = subprocess.run(["git", *argv], cwd=cwd, input=stdin, capture_output=True, check=True, env=ENV)
    return done.stdout.decode("utf-8", "replace").strip()


class OriginRepo:
    """A bare repository with a default branch `main`, at `path`."""

    def __init__(self, path: Path, files: dict[str, str | bytes] | None = None) -> None:
        self.path = path
        for name in ("objects", "refs/heads"):  # what git init --bare makes, without a process
            (path / name).mkdir(parents=True)
        (path / "HEAD").write_text("ref: refs/heads/main\n")
        (path / "config").write_text("[core]\n\trepositoryFormatVersion = 0\n\tbare = true\n")
        if files is None or files:
            self.commit(files or START)

    def config(self, name: str = "shop/checkout", **changes: object) -> RepoConfig:
        return RepoConfig.model_validate(
            {"name": name, "url": str(self.path), "forge": "local", "agent": "demo"} | changes
        )

    def commit(self, files: dict[str, str | bytes | None], branch: str = "main") -> str:
        """Add a commit that writes these files (None: deletes it); its SHA. A new branch starts at main."""
        ref = f"refs/heads/{branch}"
        start = ref if branch in self.branches() else "refs/heads/main"
        lines = [b"commit %s\ncommitter Ada <ada@example.invalid> 1000000000 +0000\ndata 1\nc\n" % ref.encode()]
        lines += [f"from {start}^0\n".encode()] if self.branches() else []
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            change = b"D %s\n" % name.encode()
            if data is not None:
                change = b"M 100644 inline %s\ndata %d\n%s\n" % (name.encode(), len(data), data)
            lines.append(change)
        git("fast-import", "--quiet", cwd=self.path, stdin=b"".join(lines))
        return self.sha(branch)

    def sha(self, branch: str = "main") -> str:
        return (self.path / "refs/heads" / branch).read_text().strip()

    def branches(self) -> list[str]:
        heads = self.path / "refs/heads"
        return sorted(str(path.relative_to(heads)) for path in heads.rglob("*") if path.is_file())

    def show(self, name: str, branch: str = "main") -> str:
        return git("show", f"{branch}:{name}", cwd=self.path)

    def parents(self, sha: str) -> list[str]:
        return git("rev-list", "--parents", "-n1", sha, cwd=self.path).split()[1:]

    def subjects(self, branch: str = "main") -> list[str]:
        return git("log", "--first-parent", "--format=%s", branch, cwd=self.path).splitlines()
