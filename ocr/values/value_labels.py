"""What the label of a field promises about its value, where the value alone could mean several things."""

from __future__ import annotations

import re
import unicodedata

_REMARK = r"(?:[(（].*[)）])?$"
_DATE = re.compile(rf"(?:日|日付|日時|月日|期限|納期|期日|日程|時期|予定){_REMARK}")
_MONEY = re.compile(
    rf"(?:金額|[総差残税]額|価格|単価|料金|代金|報酬|賃料|家賃|送料|運賃|原価|売価|定価|予算|売上高?|粗利|利益|損益"
    rf"|(?<!消)費|費用|消費税|合計金額|請求額|見積額?|見積金額|手数料|借入金|保証金|敷金|残高|入金|出金|支払額){_REMARK}"
)
_COUNT = re.compile(r"(?:数量?|個数|件数|人数|台数|回数|枚数|年齢|頁数|[^番]数)$")
_IDENTIFIER = re.compile(
    r"番号|コード|(?<![a-z])(?:no|id)(?![a-z])|№|型番|型式|品番|口座|伝票|内線|管理番|契約番|記号|証券|電話|tel|fax"
    r"|郵便|パスワード|暗証|ロット|シリアル|住所|所在地|号室|番地",
    re.IGNORECASE,
)
_PHONE = re.compile(r"電話|tel|fax|ファ[ック]*クス|携帯|連絡先|内線|ダイヤル", re.IGNORECASE)
_POSTAL_CODE = re.compile(r"郵便番号|〒|住所|所在地")
_PERSON = re.compile(
    rf"(?:氏名|名前|担当|担当者名?|署名|サイン|[者人主]|責任者名?|代表者名?|様名?|[社課部係所店室]長|役員|社員名){_REMARK}"
)
_FREE_TEXT = re.compile(
    r"備考|内容|概要|メモ|所感|感想|詳細|件名|題名|議題|用件|摘要|コメント|特記|理由|原因|要望|意見|質問|回答|目的|対応|結果|報告"
    r"|連絡事項|依頼|課題|処置|方針|subject",
    re.IGNORECASE,
)
_CORPORATE_NUMBER = re.compile(r"法人番号|corporate\s?(?:number|no)", re.IGNORECASE)
_DURATION = re.compile(r"所要|経過|実働|労働|通話時間|残業|作業時間|稼働|稼動|期間|日数|年数|年齢|工数")


def names_a_date(label: str) -> bool:
    return bool(_DATE.search(_compact(label)))


def names_money(label: str) -> bool:
    return bool(_MONEY.search(_compact(label)))


def names_a_count(label: str) -> bool:
    return bool(_COUNT.search(_compact(label)))


def names_an_identifier(label: str) -> bool:
    """Whether what looks like a number is a name in digits: 受付番号, コード, 内線."""
    return bool(_IDENTIFIER.search(_compact(label)))


def names_a_phone(label: str) -> bool:
    return bool(_PHONE.search(_compact(label)))


def names_a_postal_code(label: str) -> bool:
    return bool(_POSTAL_CODE.search(_compact(label)))


def names_a_person(label: str) -> bool:
    return bool(_PERSON.search(_compact(label)))


def names_free_text(label: str) -> bool:
    """Whether anything may stand behind it, other labels included: 備考, 件名."""
    return bool(_FREE_TEXT.search(_compact(label)))


def promises_a_value(label: str) -> bool:
    """Whether what stands behind it is of one kind, and no text."""
    kinds = (names_a_date, names_money, names_a_phone, names_a_count, names_a_postal_code)
    return any(names(label) for names in kinds)


def names_a_corporate_number(label: str) -> bool:
    return bool(_CORPORATE_NUMBER.search(_compact(label)))


def names_a_duration(label: str) -> bool:
    """Whether 1:30 would be an hour and a half rather than half past one, and 3日 three days."""
    return bool(_DURATION.search(_compact(label)))


def _compact(label: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", label))
