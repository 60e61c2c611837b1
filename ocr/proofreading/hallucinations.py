"""Inventions of a recogniser: runs of one character, or of a few, that no document prints.

Recognisers given a ruled line, a shadow or a texture tend to repeat themselves. What is printed on purpose
in rows stays out of it: leaders, rules of dashes, zeros of a number, circles in place of a name.
"""

from __future__ import annotations

import re

# A letter this often in a row is no word. Voices of customers end in 。。。 and ーーー.
LONGEST_RUN = 3
# Sounds and calls come three or four times (ピーピーピー); longer units are sentences.
_REPEATED = re.compile(r"(.{2,4}?)\1{4,}|(.{4,20}?)\2{2,}")
# Letters that are set in rows: repetition marks, zeros and crosses in place of what is not told.
_PRINTED_IN_ROWS = frozenset("々ゝヽ〇×ｘxX")
_STOPS = "。、，,"
# What a ruled line or its crossing with another is read as.
_STROKES = re.compile(r"[一ー―—\-－_＿二ニ三=＝|｜丨ⅠIl十+＋]{5,}")


def is_invention(text: str) -> bool:
    """Whether `text`, one line, reads like an invention."""
    solid = re.sub(r"\s+", "", text)
    return _is_run(solid) or _is_echo(solid) or _is_rule(solid)


def _is_run(text: str) -> bool:
    """A letter again and again; or a digit, or a stop, where nothing else stands on the line."""
    for run in re.finditer(r"(.)\1+", text):
        character, length = run[1], len(run[0])
        if length <= LONGEST_RUN:
            continue
        if character.isdigit() or character in _STOPS:
            if length > LONGEST_RUN + 1 and length == len(text):
                return True
        elif _is_letter(character):
            return True
    return False


def _is_echo(text: str) -> bool:
    return any(any(map(_is_letter, echo[1] or echo[2])) for echo in _REPEATED.finditer(text))


def _is_letter(character: str) -> bool:
    return character.isalpha() and character not in _PRINTED_IN_ROWS


def _is_rule(text: str) -> bool:
    """Nothing but strokes, one of them at least a letter."""
    return _STROKES.fullmatch(text) is not None and any(character in "一ー二ニ三十" for character in text)
