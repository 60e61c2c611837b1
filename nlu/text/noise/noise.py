"""What a page carries beside its content, told by pattern and by the kind of block it stands in.

A pattern always has to match the whole of a sentence, and what no pattern knows is content: a short
remark such as 人手不足 must never be lost to a rule.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum


class NoiseReason(StrEnum):
    """Why a sentence is kept from the model."""

    HEADER = "header"
    FOOTER = "footer"
    STAMP = "stamp"
    FIGURE = "figure"
    LABEL = "label"
    PAGE_NUMBER = "page_number"
    RULER = "ruler"
    EMPTY_FIELD = "empty_field"
    FIELD_VALUE = "field_value"
    GREETING = "greeting"
    INSTRUCTION = "instruction"
    SIGNATURE = "signature"
    REPEATED = "repeated"
    DEBRIS = "debris"


VALUE_KINDS = frozenset({"field", "cell", "table"})
"""Kinds of block that hold form values, where a bare date or number says nothing to the model."""

_NOISE_KINDS = {
    reason.value: reason
    for reason in (
        NoiseReason.HEADER,
        NoiseReason.FOOTER,
        NoiseReason.STAMP,
        NoiseReason.FIGURE,
        NoiseReason.LABEL,
    )
}

_RULER = re.compile(r"(?:[^\w\s]|[\sー_]|一{3,})+")
_DRAWN = re.compile("[\u2500-\u25ff\u2610-\u2612]")
_PAGE_NUMBER = re.compile(
    r"[-‐―—–ー\s(\[]*(?:\d{1,3}|p(?:age|\.)?\s*\d{1,4}|\d{1,4}\s*(?:ページ|頁|枚目)|"
    r"\d{1,4}\s*(?:/|of|ページ中)\s*\d{1,4}\s*(?:ページ|頁)?|page\s*\d{1,4}\s*of\s*\d{1,4})[-‐―—–ー\s)\]]*",
    re.IGNORECASE,
)
_BLANKS = r"[\s()\[\]/:.,・…‥_\-~～―—「」]*"
_UNITS = "年|月|日|時|分|円|千円|様|殿|御中|名|件|人|枚|曜日?|印|〒|no|tel|fax|令和|平成|昭和|西暦"
_EMPTY_FIELD = re.compile(rf"(?:{_BLANKS}(?:{_UNITS}))+{_BLANKS}", re.IGNORECASE)

_DATE = (
    r"(?:(?:令和|平成|昭和|[rhs])?\s*(?:\d{1,4}|元)\s*[年/.\-]\s*)?\d{1,2}\s*[月/.\-]\s*\d{1,2}\s*日?"
    r"\s*(?:\([月火水木金土日](?:曜日?)?\))?"
)
_TIME = r"(?:午前|午後|am|pm)?\s*\d{1,2}(?::\d{2}(?::\d{2})?|\s*時(?:\s*(?:\d{1,2}\s*分|半))?)\s*(?:頃|ごろ)?"
_WHEN = rf"(?:{_DATE}\s*{_TIME}|{_DATE}|{_TIME})"
_AMOUNT_UNITS = (
    "円|%|件|名|人|個|台|枚|回|本|部|時間|分|日|か月|ヶ月|カ月|年|歳|km|kg|m2|\\(?税[込抜]\\)?|-|也"
)
_FIRM = r"(?:(?:株式|有限|合同|合資)会社|\((?:株|有)\))"
_WORD = r"[^\s。、はがをにで]"
_VALUES = {
    "when": rf"{_WHEN}(?:\s*(?:[~～\-―—]|から|より)\s*(?:{_WHEN})?)?(?:まで)?",
    "phone": r"(?:tel|fax|電話|携帯|内線)?[\s.:]*\(?\+?\d{2,5}[\s\-()]{1,2}\d{1,4}[\s\-()]{1,2}\d{3,4}",
    "amount": rf"[¥\\]?\s*[+\-△▲]?\d[\d,.]*\s*(?:百|千|万|億|百万|千万)?(?:{_AMOUNT_UNITS})*",
    "number": r"(?:no\.?|#|管理番号|受付番号)?[\s:.]*[a-z]{0,6}[-_]?\d[\da-z]*(?:[-_/]\d[\da-z]*)*",
    "post code": r"〒?\s*\d{3}-\d{4}",
    "mail": r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+",
    "page": r"https?://\S+",
    "firm": rf"(?:{_FIRM}\s*{_WORD}{{1,15}}|{_WORD}{{1,15}}\s*{_FIRM})(?:\s*御中)?",
    "person": rf"{_WORD}{{1,8}}\s?{_WORD}{{0,6}}\s*(?:(?<![同模仕多一異有])様|殿|氏)",
}
_VALUE = re.compile("|".join(_VALUES.values()), re.IGNORECASE)

_CLOSING = r"(?:よろしく|宜しく)(?:お願い|御願い)(?:致し|いたし|申し上げ|もうしあげ)?(?:します|ます)"
_GREETING = re.compile(
    "|".join(
        (
            r"(?:いつも|平素より?は?)?(?:大変)?(?:お|御)世話に(?:なって(?:おり|い)ます|なります|なりました)",
            r"お(?:疲れ|つかれ)(?:様|さま)(?:です|でした|でございます)",
            r"(?:平素|日頃)(?:より|は)?、?格別の(?:お引き立て|ご愛顧|ご高配|ご厚情)を賜り、?(?:厚く|誠に)?(?:御礼|お礼)申し上げます",
            r"(?:以上|どうぞ|何卒|今後とも|引き続き|それでは|では)?、?(?:どうぞ|何卒)?、?" + _CLOSING,
            r"以上(?:です|になります|となります)?",
            r"お電話(?:を)?(?:いただき)?、?(?:誠に)?ありがとうございま(?:す|した)",
            r"(?:それでは|では)?、?(?:これにて)?失礼(?:致|いた)し(?:ます|ました)",
            r"(?:いつも|平素は|日頃より?は?)?、?(?:当社|弊社|当店)?(?:を|の)?(?:製品|商品)?(?:を)?ご(?:利用|愛顧)(?:いただき|頂き|くださり)、?(?:誠に)?ありがとうございます",
            r"拝啓|敬具|前略|草々|謹啓|謹白|記|各位|関係者各位|ご担当者様?",
        )
    )
)
_INSTRUCTION = re.compile(
    r"[※*(\[]*\s*(?:"
    r"(?:太枠(?:の)?(?:内|部分)?|該当(?:する)?(?:項目|箇所|欄|番号|もの)?|必要事項|下記|以下|上記|枠内|裏面)"
    r"(?:の?(?:項目|箇所|欄|事項|番号|もの))?(?:の?み?)(?:を|に|へ|は|も)?、?(?:すべて|全て|必ず|漏れなく)?、?"
    r"(?:[○〇✓レ]|丸|印|チェック)?(?:印)?(?:を)?(?:ご?記入|お書き|付け|つけ|入れ|ご?確認|ご?覧|囲ん|お選び)"
    r"(?:して|で|て)?(?:ください|下さい|願います|のこと)"
    r"|(?:記入|入力)(?:不要|例|欄)|(?:社内|当社|弊社|事務局)(?:使用|記入)欄|切り取り線|キリトリ線?"
    r"|(?:印|捺印|押印|収入印紙|写真貼付欄?)"
    r")[。.\s)\]]*"
)
_NAME_TAGS = ("名詞-固有名詞", "名詞-数詞", "接尾辞-名詞的", "補助記号", "記号", "空白")
_EDGE_MARKS = "。｡．.!！?？、,\u3000 "


def noise_reason(text: str, kind: str) -> NoiseReason | None:
    """Why the trimmed sentence `text` of a block of `kind` is noise, None where it is content."""
    if kind in _NOISE_KINDS:
        return _NOISE_KINDS[kind]
    plain = unicodedata.normalize("NFKC", text).strip()
    if _is_ruler(plain):
        return NoiseReason.RULER
    if _EMPTY_FIELD.fullmatch(plain):
        return NoiseReason.EMPTY_FIELD
    if kind in VALUE_KINDS and _VALUE.fullmatch(plain):
        return NoiseReason.FIELD_VALUE
    if _PAGE_NUMBER.fullmatch(plain):
        return NoiseReason.PAGE_NUMBER
    if _INSTRUCTION.fullmatch(plain):
        return NoiseReason.INSTRUCTION
    if _GREETING.fullmatch(plain.strip(_EDGE_MARKS)):
        return NoiseReason.GREETING
    return None


def is_bare_name(tags: Sequence[str]) -> bool:
    """Whether the words with these UniDic part-of-speech tags are names of people, places or firms and
    nothing else."""
    named = any(tag.startswith("名詞-固有名詞") for tag in tags)
    return named and all(tag.startswith(_NAME_TAGS) for tag in tags)


def _is_ruler(plain: str) -> bool:
    """Marks alone: dashes, dots, boxes, frames. An emoji says more than a mark."""
    pictures = (c for c in plain if unicodedata.category(c) == "So" and not _DRAWN.match(c))
    return _RULER.fullmatch(plain) is not None and not any(pictures)
