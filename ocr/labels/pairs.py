"""Labelled values outside of any ruling: 項目：値, several to a line, the value running on over lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ocr.detection import DetectedLine
from ocr.document import ValueKind
from ocr.labels.label_likeness import LIKELY_LABEL, is_usual_label, label_likeness
from ocr.script.item_marks import is_item, without_mark
from ocr.script.widths import cut, is_letter_spaced, text_width
from ocr.values.field_values import kind_of_value
from ocr.values.value_labels import names_a_person, names_free_text, promises_a_value

COLON = "："
ENDS_WITH_COLON = tuple("：:")
POSSIBLE_LABEL = 0.4  # of a label behind a value, after a blank
LONGEST_NAME = 10  # characters of a person's name, before what is no part of it
SHORTEST_SENTENCE = 8  # characters

_NAME = r"[^\s、。，．：:「」『』（）()][^、。：:「」『』\n]{0,13}?"
_OPENING = re.compile(rf"(?P<name>{_NAME})\s*[：:](?!//)")
_LATER = re.compile(r"\s(?P<name>[^\s、。：:「」『』\d][^\s、。：:「」『』]{0,11})\s*[：:](?!//)")
_GLUED = re.compile(r"(?<=[^\s：:])(?P<name>[^\s、。：:「」『』\d]{2,7})[：:](?!//)")
_CONTACT = re.compile(
    "(?:電話(?:番号)?|TEL|FAX(?:番号)?|携帯(?:電話)?|住所|メールアドレス|E-?mail)", re.IGNORECASE
)
_KANA = re.compile("[ぁ-ん。]")
_OPEN = tuple("（(「『【[〔")
_CLOCK = re.compile(r".*[\d０-９]\s*[：:]\s*[\d０-９]")
_REMARK = re.compile(r"(?:※|注|例|問|答|図|表|写真|式|出典|[QＱAＡ]|Re|RE|FW|Fwd|PS|P\.S)\s?[\d０-９\-－.]*")
_REPLY = re.compile(r"\s*(?:Re|Fwd?|返信|転送)\s*(?:\[\d+\])?\s*[：:]", re.IGNORECASE)
_SENTENCE_LIKE = re.compile(r"[はがをにで].|のとおり|の通り|下記|以下|次の")
_SENTENCE_END = re.compile(r"(?:。|ます|です|せん|下さい|ください|のこと)[)）」]?$")
_SEAL = re.compile(r"[(（]?(?:印|㊞|実印|認印|捺印|押印|代表者印|社印|角印|丸印)[)）]?")
_SEAL_BEHIND = re.compile(rf"(?:\s(?={_SEAL.pattern}$)|(?=[(（]印[)）]$|㊞$))")


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and the lines of its value, none where it is empty.

    `rest` is what stands on the value's line and is no part of it: a place for a seal, a sentence.
    """

    name: DetectedLine
    value: tuple[DetectedLine, ...]
    rest: tuple[DetectedLine, ...] = ()


def opens_pair(text: str) -> bool:
    """Whether the text begins with a label and a colon."""
    return _opening(text) is not None


def is_labelled(line: DetectedLine) -> bool:
    """Whether the line begins with a label."""
    return line.label or opens_pair(line.text)


def pairs_in(lines: Sequence[DetectedLine]) -> tuple[Pair, ...]:
    """The labelled values that the lines of one passage consist of; none where it is plain text."""
    parts = [part for line in lines for part in _parts(line)]
    if not parts or not is_labelled(parts[0]):
        return ()
    found: list[Pair] = []
    for part in parts:
        colon = len(part.text) if part.label else _opening(part.text)
        if colon is None:
            found[-1] = replace(found[-1], value=(*found[-1].value, part))
        else:
            head, tail = cut(part, colon)
            name, _ = cut(head, len(head.text.rstrip(" ：:")))
            found.append(Pair(name, (tail,) if tail.text else ()))
    return tuple(map(without_rest, found)) if all(map(_is_entry, found)) else ()


def as_label(line: DetectedLine) -> DetectedLine:
    """The line as a label: with a colon, and with room for it, so that it keeps its box when that is cut
    off."""
    if line.text.endswith(ENDS_WITH_COLON):
        return line
    room = line.box.width / text_width(line.text)
    return replace(line, text=line.text + COLON, box=replace(line.box, x1=line.box.x1 + room), label=True)


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
    begin = None if line.label else _opening(line.text)
    if begin is None:
        return [line]
    at = next(_further_labels(line.text, begin), None)
    if at is None:
        return [line]
    head, tail = cut(line, at)
    return [head, *_parts(tail)]


def _further_labels(text: str, begin: int) -> Iterator[int]:
    """Where the next label begins in a text whose first value begins at `begin`."""
    label = text[:begin].rstrip(" ：:")
    if _REPLY.match(text, begin):
        return  # the subject of a mail may quote anything
    later = (m.start("name") for m in _LATER.finditer(text, begin) if _is_later_label(m, label))
    glued = (at for match in _GLUED.finditer(text, begin) for at in _glued_label(text, begin, match, label))
    found = [*later, *glued]
    if found:
        yield min(found)


def _is_later_label(match: re.Match[str], label: str) -> bool:
    """Whether a word with a colon behind the value of `label` is a label: a usual one, or any short word
    with a value of its own where the value before is no free text."""
    name, value = match["name"], match.string[match.end() :].strip()
    likeness = label_likeness(name)
    if likeness >= LIKELY_LABEL:
        return True
    plain = likeness >= POSSIBLE_LABEL and not _REMARK.fullmatch(name) and not names_free_text(label)
    return plain and bool(value) and "。" not in value


def _glued_label(text: str, begin: int, match: re.Match[str], label: str) -> Iterator[int]:
    """Where a label begins that no blank parts from the value before it."""
    end = match.end("name")
    for at in range(match.start("name"), end - 1):
        name, value = text[at:end], text[begin:at].strip()
        if not value or value.endswith(_OPEN) or not is_usual_label(name):
            continue
        typed = _CONTACT.fullmatch(name) or kind_of_value(value, label) is not ValueKind.TEXT
        plain = not names_free_text(label) or (len(name) > 2 and not _KANA.search(value))
        if typed or plain:
            yield at
            return


def without_rest(pair: Pair) -> Pair:
    """The pair, a sentence or a place for a seal behind its value set apart."""
    if not pair.value:
        return pair
    if names_a_person(pair.name.text):
        pair = _without_seal(pair)
    if not pair.value:
        return pair
    first, *more = pair.value
    at = _end_of_value(first.text, pair.name.text) if _SENTENCE_END.search(pair.value[-1].text) else None
    if at is None:
        return pair
    value, sentence = cut(first, at)
    return replace(pair, value=(value,), rest=(sentence, *more, *pair.rest))


def _without_seal(pair: Pair) -> Pair:
    last = pair.value[-1]
    if _SEAL.fullmatch(last.text):
        return replace(pair, value=pair.value[:-1], rest=(last,))
    match = _SEAL_BEHIND.search(last.text)
    if match is None:
        return pair
    value, seal = cut(last, match.start())
    return replace(pair, value=(*pair.value[:-1], value), rest=(seal,))


def _end_of_value(text: str, label: str) -> int | None:
    """Where a value ends that is all its label asks for, and a sentence follows."""
    for match in re.finditer(r"。|\s", text):
        value, sentence = text[: match.start()], text[match.end() :]
        if len(sentence) < SHORTEST_SENTENCE:
            return None
        if promises_a_value(label) and kind_of_value(value, label) is not ValueKind.TEXT:
            return match.end()
        if names_a_person(label) and len(value) <= LONGEST_NAME:
            return match.end()
    return None


def _is_entry(pair: Pair) -> bool:
    """Whether the pair is an entry of a form: its label is a usual one, or what it has is a short value and
    no speech (佐藤：来期に回します。) or remark (注：)."""
    if pair.name.label or label_likeness(pair.name.text) >= LIKELY_LABEL or is_letter_spaced(pair.name.text):
        return True
    spoken = any("。" in line.text for line in pair.value)
    return bool(pair.value) and not spoken and not _REMARK.fullmatch(pair.name.text)
