"""Patterns for files below the inbox, as shells know them: 営業部/**, *日報*, 2024-??/*.pdf."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

_WILD = re.compile(r"(\*\*/|\*\*|\*|\?|\[[^\]/]+\])")


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns fits `name`, the path of a file below the inbox with slashes.

    * stands for anything within one name, ** between slashes for any folders, ? for one character, [12] for
    one of several; a slash at the end stands for all that is in the folder. A pattern without a slash is for
    the file's own name, in any folder. Width and case do not matter, nor whether letters and their marks are
    kept apart (か, ゛), as some systems do. Raises ValueError for a pattern that says nothing, such as [z-a].
    """
    folded = _folded(name)
    return any(
        _compiled(pattern).fullmatch(folded if "/" in pattern else folded.rsplit("/", 1)[-1])
        for pattern in patterns
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    whole = f"{pattern}**" if pattern.endswith("/") else pattern
    parts = _WILD.split(_folded(whole.lstrip("/")))
    try:
        return re.compile("".join(map(_translated, parts)), re.DOTALL)
    except re.error as error:
        raise ValueError(f"{pattern}: {error}") from error


def _translated(part: str) -> str:
    if part.startswith("[") and part.endswith("]"):
        inside = part[1:-1]
        negated, members = ("^", inside[1:]) if inside[:1] in ("!", "^") else ("", inside)
        return "[" + negated + re.escape(members).replace(r"\-", "-") + "]"
    wild = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return wild.get(part, re.escape(part))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
