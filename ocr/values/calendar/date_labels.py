"""What the label before a date says of it: the paper's own date, and of what sort, or another day.

A deadline, a birthday or the next visit is never the date of the paper that names it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class DateSort(StrEnum):
    """What happened on the day. PAID is the day of the paper only of one that is named so (支払通知書): on a
    bill it is when the money is due."""

    ISSUED = "issued"
    RECEIVED = "received"
    REPORTED = "reported"
    ORDERED = "ordered"
    SIGNED = "signed"
    VISITED = "visited"
    HELD = "held"
    DELIVERED = "delivered"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class OwnDate:
    """What a label says of the date behind it; `stem` is its word for what was done (請求 of ご請求日).

    `general` where it is that of the paper in whatever kind of paper; else it is so where no other is, or
    where the paper is named by the same stem: 納品日 of a 納品書.
    """

    sort: DateSort
    stem: str
    general: bool


_DAY = r"[^\d、。]{0,4}?(?:年月日|日)(?:付|時)?(?:[(（].*[)）])?[:：]?$"
_STEMS: tuple[tuple[DateSort, bool, str], ...] = (
    (DateSort.ISSUED, True, "請求|見積|発行|作成|起票|記入|記載|交付|通知|領収|送付|発信|送信"),
    (DateSort.RECEIVED, True, "受付|受電|入電|受領|受信|受理|収受"),
    (DateSort.REPORTED, True, "報告|提出|申請|届出|記録|対応"),
    (DateSort.VISITED, True, "訪問|来訪|来店"),
    (DateSort.HELD, True, "活動|実施"),
    (DateSort.SIGNED, True, "締結|調印"),
    (DateSort.SIGNED, False, "契約|合意"),
    (DateSort.ORDERED, False, "注文|発注|受注|依頼|申込|申し込み"),
    (DateSort.DELIVERED, False, "納品|出荷|発送|納入|検収|配達|配送|引渡し?"),
    (DateSort.VISITED, False, "商談|面談|往訪"),
    (DateSort.HELD, False, "開催|作業|施工|点検|検査|調査|会議|打合せ|取引|利用"),
)
_OWN = tuple((sort, general, re.compile(f"({stems}){_DAY}")) for sort, general, stems in _STEMS)
_PAID = re.compile(r"(支払|入金|振込|決済)い?日付?[:：]?$")
_ALONE = re.compile("(発行|作成|記入|受付|提出|報告|届出)[:：]?$")  # without 日, as labels alone
_GENERAL = re.compile(r"(^日|日付|年月日|日時)(?:[(（].*[)）])?[:：]?$")
_ENGLISH: tuple[tuple[DateSort, re.Pattern[str]], ...] = (
    (DateSort.ORDERED, re.compile(r"order(?:ed)? ?(?:date|on)[:：]?$")),
    (DateSort.DELIVERED, re.compile(r"(?:ship(?:ping|ped|ment)?|deliver(?:y|ed)) ?(?:date|on)[:：]?$")),
    (DateSort.RECEIVED, re.compile(r"received? ?(?:date|on)[:：]?$|date ?received[:：]?$")),
    (
        DateSort.ISSUED,
        re.compile(
            r"(?:^|(?:invoice|issue|quot[a-z]*|bill[a-z]*|report|document|statement|receipt) ?)"
            r"date(?: ?of ?issue)?[:：]?$|^(?:dated|issued(?: ?on)?)[:：]?$"
        ),
    ),
)
_ANOTHER = re.compile(
    r"次回|次の|予定|期限|期日|納期|締切|〆切|締め?日|希望|完了|折返|生年|誕生|前回|変更|開始|終了|終わり|満[了期]|失効|有効|返却|返済|返品"
    r"|更新|改[訂定]|制定|施行|適用|引落|入社|退[社職]|着任|異動|解約|保証|購入|製造|賞味|消費期|設立|創業|翌|まで|迄|指定"
    r"|支払|振込|入金|決済|due|expir|valid|deadline|payable|payment|birth|until|next|required|start|end(?:ing)?\b|before",
    re.IGNORECASE,
)
_ENDS_AS_LABEL = re.compile(
    r"(?:日付?|日時|期限|期日|納期|締切|〆切|予定|希望|まで|期間|date|due|until|by|before)(?:[(（].*[)）])?[:：]?$",
    re.IGNORECASE,
)
_UP_TO = re.compile(
    r"\s?(?:\([月火水木金土日]\))?\s?"
    r"(?:まで|迄|必着|締|〆|期限|限り|生まれ|生(?![産徒活命])|改[訂定]|制定|施行|以前)"
)


def own_date(label: str) -> OwnDate | None:
    """What the label says of the date of the paper itself; None for other days: 次回予定日, 支払期限."""
    compact = re.sub(r"\s+", "", unicodedata.normalize("NFKC", label))
    if match := _PAID.search(compact):
        return OwnDate(DateSort.PAID, match[1], general=False)
    if names_another_day(compact):
        return None
    for sort, general, pattern in _OWN:
        if match := pattern.search(compact):
            return OwnDate(sort, match[1], general)
    if match := _ALONE.match(compact):
        sort = next(sort for sort, _, stems in _STEMS if match[1] in stems.split("|"))
        return OwnDate(sort, match[1], general=True)
    if match := _GENERAL.search(compact):
        return OwnDate(DateSort.HELD if match[1] == "日時" else DateSort.ISSUED, "", general=True)
    spaced = unicodedata.normalize("NFKC", label).strip().lower()
    for sort, pattern in _ENGLISH:
        if pattern.search(spaced):
            return OwnDate(sort, "", general=sort is DateSort.ISSUED)
    return None


def names_the_own_date(label: str) -> bool:
    """Whether the label is that of the date of any paper itself: 報告日, 発行日, but not 納品日."""
    found = own_date(label)
    return found is not None and found.general


def names_another_day(text: str) -> bool:
    """Whether the text before a date says that it is a deadline, a plan, a birthday, an earlier day."""
    return bool(_ANOTHER.search(text))


def labels_another_day(label: str) -> bool:
    """Whether the text, which stands beside a date or over it, is the label of such a day."""
    compact = re.sub(r"\s+", "", unicodedata.normalize("NFKC", label))
    return names_another_day(compact) and bool(_ENDS_AS_LABEL.search(compact))


def goes_on_as_another_day(text: str) -> bool:
    """Whether the text behind a date says so: まで, 必着, 生まれ, 改訂."""
    return bool(_UP_TO.match(text))
