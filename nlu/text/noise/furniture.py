"""Sentences that only say when, who or how many: nothing that they stand beside is proved by them."""

from __future__ import annotations

import re
import unicodedata

from nlu.text.noise.signatures import is_companion, is_contact

_ERA = r"(?:令和|平成|昭和|[RHS](?=\s*\d))"
_WHEN = re.compile(
    rf"(?:{_ERA}|元年|[\d\s年月日時分秒半頃./:\-~〜‐ー()、。.]|[月火水木金土日](?=\s*曜|\s*\))|曜日?"
    r"|午前|午後|AM|PM|am|pm|から|より|まで|付け?|現在)+"
)
_WHOSE = r"(?:記入|受付|受電|報告|作成|担当|応対|起票|対応|送信|差出|発信|文責)"
_HEADING = (
    rf"{_WHOSE}(?:者|日|日時|時刻|時間|部署)?|日付|日時|氏名|お名前|名前|所属|部署|宛先?|件数|電話(?:番号)?|内線"
    r"|連絡先|(?:契約|お客様|受付|整理)番号|No"
)
_LABELLED = re.compile(
    rf"[(\[【<■●◆・※*\s]*(?:{_HEADING})[)\]】>\s]*[.:：\s]\s*[^、。！？!?]{{0,24}}[。.]?", re.IGNORECASE
)
_CLOSING = re.compile(r"以上(?:です|となります|、?(?:報告|連絡|記録)(?:します|いたします|まで)?)?")
_EDGES = "。、.,!?！？()（）[]【】「」『』-―ー…・:： \t\n"

_LONGEST = 40


def proves_nothing(text: str) -> bool:
    """Whether a sentence is only a date or time, a name with or without firm and office, a way to reach
    somebody, a labelled field of a form, or marks."""
    plain = unicodedata.normalize("NFKC", text).strip()
    bare = plain.strip(_EDGES)
    if not any(character.isalpha() for character in bare):
        return True
    if len(plain) > _LONGEST:
        return is_contact(plain)
    return (
        is_contact(plain)
        or is_companion(bare)
        or _WHEN.fullmatch(plain) is not None
        or _LABELLED.fullmatch(plain) is not None
        or _CLOSING.fullmatch(bare) is not None
    )
