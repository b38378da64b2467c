"""Reads file names as git writes them in a diff: with a/ and b/ in front, C-quoted where they are unusual."""

import re

_ESCAPE = re.compile(rb'\\([0-7]{3}|[abtnvfr"\\])')
_LETTERS = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
_QUOTED_SECOND = re.compile(r'"b/(?:[^"\\]|\\.)*"\Z')


def plain_name(name: str) -> str:
    """The name without git's quotes and escapes."""
    if len(name) < 2 or not (name.startswith('"') and name.endswith('"')):
        return name
    return _ESCAPE.sub(_unescape, name[1:-1].encode()).decode("utf-8", "replace")


def name_after(rest: str, otherwise: str) -> str:
    """The name on a `---` or `+++` line, `rest` being what follows the sign."""
    name = plain_name(rest.removesuffix("\t"))  # git ends a name that holds a blank with a tab
    return name[2:] if name.startswith(("a/", "b/")) else otherwise


def names_of_head(line: str) -> str:
    """The file's name by its `diff --git` line, right where both sides have the same; later lines know better."""
    names = line.removeprefix("diff --git ")
    if quoted := _QUOTED_SECOND.search(names):
        return plain_name(quoted.group()).removeprefix("b/")
    half = (len(names) - 1) // 2
    same = names[2:half] == names[half + 3 :]
    return names[half + 3 :] if same else names.rpartition(" b/")[2]


def _unescape(found: re.Match[bytes]) -> bytes:
    code = found.group(1)
    if len(code) == 3:
        return bytes([int(code, 8) & 0xFF])
    return _LETTERS.get(code, code)
