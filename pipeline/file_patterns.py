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
    one of several. A pattern without a slash is for the file's own name, in any folder. Width and case do not
    matter, nor whether a letter and its mark (か and ゛) are kept apart, as some systems do.
    """
    folded = _folded(name)
    return any(
        _compiled(pattern).fullmatch(folded if "/" in pattern else folded.rsplit("/", 1)[-1])
        for pattern in patterns
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = _WILD.split(_folded(pattern.lstrip("/")))
    return re.compile("".join(map(_translated, parts)), re.DOTALL)


def _translated(part: str) -> str:
    if part.startswith("[") and part.endswith("]"):
        inside = part[1:-1]
        negated, members = ("^", inside[1:]) if inside[:1] in ("!", "^") else ("", inside)
        return f"[{negated}{members.replace(chr(92), chr(92) * 2)}]"
    wild = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return wild.get(part, re.escape(part))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
