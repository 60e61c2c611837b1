"""The scripts of Japanese, told character by character."""

from __future__ import annotations


def is_katakana(character: str) -> bool:
    """Full-width katakana without ヵ and ヶ, which are counters between kanji; False for nothing."""
    return "ァ" <= character <= "ヴ" if character else False


def is_hiragana(character: str) -> bool:
    return "ぁ" <= character <= "ゖ" if character else False


def is_han(character: str) -> bool:
    """Kanji, and 々〆ヶ that stand among them."""
    return character != "" and (
        "一" <= character <= "鿿" or "㐀" <= character <= "䶿" or character in "々〆ヶ"
    )
