"""Labelled values outside of any ruling: 項目：値, several to a line, the value running on over lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.detection import DetectedLine
from ocr.structure.labels import LIKELY_LABEL, label_likeness
from ocr.structure.marks import is_item, without_mark
from ocr.structure.script import cut, is_letter_spaced

_NAME = r"[^\s、。，．：:「」『』（）()][^、。：:「」『』\n]{0,13}?"
_OPENING = re.compile(rf"(?P<name>{_NAME})\s*[：:](?!//)")
_LATER = re.compile(r"\s(?P<name>[^\s、。：:「」『』\d][^\s、。：:「」『』]{0,11})\s*[：:](?!//)")
_CLOCK = re.compile(r".*[\d０-９]\s*[：:]\s*[\d０-９]")
_REMARK = re.compile(r"(?:※|注|例|問|答|図|表|写真|式|出典|[QＱAＡ]|Re|RE|FW|Fwd|PS|P\.S)\s?[\d０-９\-－.]*")
_SENTENCE_LIKE = re.compile(r"[はがをにで].|のとおり|の通り|下記|以下|次の")


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and the lines of its value, none where it is empty."""

    name: DetectedLine
    value: tuple[DetectedLine, ...]


def opens_pair(text: str) -> bool:
    """Whether the text begins with a label and a colon."""
    return _opening(text) is not None


def pairs_in(lines: Sequence[DetectedLine]) -> tuple[Pair, ...]:
    """The labelled values that the lines of one passage consist of; none where it is plain text."""
    parts = [part for line in lines for part in _parts(line)]
    if not parts or not opens_pair(parts[0].text):
        return ()
    found: list[Pair] = []
    for part in parts:
        colon = _opening(part.text)
        if colon is None:
            found[-1] = Pair(found[-1].name, (*found[-1].value, part))
        else:
            head, tail = cut(part, colon)
            name, _ = cut(head, len(head.text.rstrip(" ：:")))
            found.append(Pair(name, (tail,) if tail.text else ()))
    return tuple(found) if all(map(_is_entry, found)) else ()


def _opening(text: str) -> int | None:
    """Where the value begins in a text that opens with a label and a colon."""
    match = _OPENING.match(text)
    if match is None or _CLOCK.match(match.string[: match.end() + 1]):
        return None
    name = match["name"].strip()
    if name.isdigit() or (len(name) > 4 and _SENTENCE_LIKE.search(name)):
        return None
    if is_item(text) and label_likeness(without_mark(name)) < LIKELY_LABEL:
        return None  # an item of a list that happens to hold a colon
    return match.end()


def _parts(line: DetectedLine) -> list[DetectedLine]:
    """The line cut before each further label of it."""
    if _opening(line.text) is None:
        return [line]
    match = _LATER.search(line.text, _opening(line.text) or 0)
    if match is None or label_likeness(match["name"]) < LIKELY_LABEL:
        return [line]
    head, tail = cut(line, match.start("name"))
    return [head, *_parts(tail)]


def _is_entry(pair: Pair) -> bool:
    """Whether the pair is an entry of a form: its label is a usual one, or what it has is a short value and
    no speech (佐藤：来期に回します。) or remark (注：)."""
    if label_likeness(pair.name.text) >= LIKELY_LABEL or is_letter_spaced(pair.name.text):
        return True
    spoken = any("。" in line.text for line in pair.value)
    return bool(pair.value) and not spoken and not _REMARK.fullmatch(pair.name.text)
