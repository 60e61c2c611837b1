"""What the label of a value says about the document that it stands in."""

from __future__ import annotations

import re

from ocr.values.calendar.date_labels import names_the_own_date
from ocr.values.value_labels import names_a_date

_PERSON = re.compile(
    r"(?:氏名|名前|担当者?|者名?|名義|お客様名?|お客様|患者名?|社員名|会社名|御社名|貴社名|宛名|宛先|担任|所有者)$"
)
_SUBJECT = re.compile(
    r"(?:氏名|名前|患者名?|被保険者名?|社員番号|社員名|会員番号|学籍番号|受験番号|申込者名?|受講者名?|受診者名?"
    r"|お客様名?|契約番号|証券番号)$"
)
_CASE = re.compile(
    r"(?:訪問先|出張先|納品先|届け先|お届け先|得意先|取引先|依頼主|現場|物件|設備名?|機器名?|対象機器|品名|件名|講座名?|工事名|号機|機番"
    r"|時刻|時間|番号|コード)$"
)
_NUMBER = re.compile(
    r"(?:受付|伝票|管理|整理|文書|発行|通し|請求書?|見積書?|注文書?|発注書?|納品書?|報告書?|申請書?|契約書|記録|案件|起票|稟議"
    r"|決裁|領収書?|指示書?|問合せ?|お問い?合わせ|受診|検査)(?:番号|No\.?|№|ID)$|^(?:No\.?|№|番号|伝票)$",
    re.IGNORECASE,
)
_PRINT = re.compile(r"様式|書式|帳票|form|rev|版|tel|fax|〒|電話|登録|許可", re.IGNORECASE)
_PAGE = re.compile(r"ページ|頁|page|枚|印刷|出力|小計|合計|累計|繰越|総額|残高", re.IGNORECASE)


def names_a_person(label: str) -> bool:
    """Whether a plain label is that of who wrote the paper, or whom it is about or for."""
    return bool(_PERSON.search(label))


def names_a_subject(label: str) -> bool:
    """Whether it is that of the one whom the paper is about."""
    return bool(_SUBJECT.search(label))


def names_a_number(label: str) -> bool:
    """Whether it is that of the document's own number: 受付番号, No., but not 電話番号 or 様式番号."""
    return bool(_NUMBER.search(label)) and not names_the_print(label)


def names_the_print(text: str) -> bool:
    """Whether it has to do with the form itself or with who may be called: 様式第3号, Rev.2, TEL."""
    return bool(_PRINT.search(text))


def names_the_page(label: str) -> bool:
    """Whether its value goes with the page and not with the document: ページ, 小計, 印刷日時."""
    return bool(_PAGE.search(label))


def names_the_case(label: str) -> bool:
    """Whether another value under it makes another case: a day, a person, what the paper is about."""
    return names_a_date(label) or names_a_person(label) or bool(_CASE.search(label))


def tells_the_document(label: str) -> bool:
    """Whether it is worth reading where the page was not read as a form: its own day, number or person."""
    return names_a_person(label) or names_a_number(label) or names_the_own_date(label)
