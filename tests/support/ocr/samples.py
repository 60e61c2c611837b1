"""The sample inbox with its truth, and how what was read is compared with it."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import Levenshtein


def without_space(text: str) -> str:
    """How texts are compared: NFKC, white space removed."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def error_rate(read: str, truth: str) -> float:
    """CER: edit distance over the length of the truth, both without white space."""
    wanted = without_space(truth)
    return Levenshtein.distance(without_space(read), wanted) / len(wanted)


@dataclass(frozen=True)
class Sample:
    """A document of the sample inbox, the text of its pages, and how it was made or must end."""

    data: bytes
    text: str
    effects: tuple[str, ...]
    failure: str | None


def samples(root: Path, **wanted: object) -> list[Sample]:
    """The sample documents whose truth says `wanted`, in the order of their names."""
    found = []
    for path in sorted((root / "fixtures" / "truth").rglob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        if all(truth[key] == value for key, value in wanted.items()):
            data = (root / "fixtures" / "inbox" / truth["file"]).read_bytes()
            text = "\n".join(page["text"] for page in truth["pages"])
            found.append(Sample(data, text, tuple(truth["effects"]), truth["failure"]))
    return found
