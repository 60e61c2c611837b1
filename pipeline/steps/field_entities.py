"""Persons, organisations and addresses that a form's labels name, where no pattern would tell them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.application.settings import plain_label
from nlu.entities.entity import Entity, Group
from nlu.entities.titles_and_sections import SECTION, TITLES
from ocr.document import BlockKind, Document, Field, ValueKind

_PERSON = re.compile(
    r"(?:担当|受付|報告|記入|作成|承認|面談|応対|対応|同行|転記|依頼|申込|申請|代表|契約|起票|連絡"
    r"|責任|訪問|発信|送信|届出|出席|参加|欠席|利用|確認|検印|回答|紹介|保証|受取|届け?出)[者人]"
    r"|氏名|名前|担当$|^受付$|署名|差出人|議長|書記|司会|^姓$|^名$|フリガナ|ふりがな|^ご?記入$|^宛名$"
)
_PERSON_KEYS = re.compile("contact|person|(?:^|_)by$|reporter|^met$|^name$|author|staff")
_EITHER = re.compile("お?客様名?$|送信[先元]|宛先|顧客名?|得意先|訪問先|発注[元者]|依頼[元主]")
_EITHER_KEYS = re.compile("customer|client|visited")
_ORGANIZATION = re.compile("会社名?|社名|取引先|仕入先|勤務先|法人名|企業名|納入?先|店名")
_ADDRESS = re.compile("住所|所在地|送付先|届け?先|居所")
_EMAIL = re.compile("メール|[Mm]ail")
_PHONE = re.compile("電話|携帯|連絡先|[Ff][Aa][Xx]|ファックス|TEL|Tel")

_PIECE = re.compile(r"[^、,，;；/／&＆＋+\n\t]+")
_ASIDE = re.compile(r"[(（\[【〔].*?(?:[)）\]】〕]|$)")
_CALLED = re.compile(
    r"[ \u3000]*(?:様方?|さん|氏|殿|先生|御中|(?:総務|経理|営業|製造|人事|技術|工場|購買|開発|企画"
    r"|業務|管理|支店|営業所)*"
    r"(?:代表取締役|取締役|社長|会長|専務|常務|部長|課長|係長|店長|所長|工場長|次長|室長|主任|代表"
    r"|局長|支店長|担当|長)(?:夫人|代理|補佐)?)(?:他.*|ほか.*)?[ \u3000]*$"
)
_ROLE = re.compile(
    rf"(?:(?:{SECTION.pattern}|[^ \u3000]{{1,6}}(?:支店|営業所|支社|本社|工場|係)|品質保証|経理"
    rf"|総務|営業|購買|企画|事務|人事|技術|開発|{TITLES.pattern})[ \u3000の]+)+"
)
_COMPANY_END = (
    r"株式会社|有限会社|合同会社|㈱|㈲|[(（][株有][)）]|(?:[社店屋園]|商会|工業|製作所|産業|物産|運輸|運送|塗装|書房|青果"
    r"|家電|金物|農園|工房|茶舗|理化|病院|医院|学校|大学|組合|市役所|銀行|センター|サービス)$"
)
_COMPANY_ENDS = re.compile(_COMPANY_END)
_COMPANY_LIKE = re.compile(rf"{_COMPANY_END}|法人|[ァ-ヶー]{{2}}[一-龥]|[一-龥][ァ-ヶー]{{2}}")
_NAME = re.compile(
    r"[一-龥々〆ヶヵぁ-んァ-ヶーA-Za-z・.．][一-龥々〆ヶヵぁ-んァ-ヶーA-Za-z・.． \u3000]{0,23}"
)
_SEAL = re.compile("(?!.*[済領受印認写急達秘収検控])[一-龥々]{2,4}")
_NOBODY = re.compile("不明|匿名|なし|無し|個人|本人|同上|未定|非通知|名乗|該当|記載|未記入|希望|お客様")
_LONGEST_COMPANY = 30
_LONGEST_NAME = 12  # characters; what is longer says something


def field_entities(document: Document) -> list[Entity]:
    """What the labels of the document's fields, or the columns that applications give them, say of values;
    and whose seals stand on it."""
    fields = [one for page in document.pages for field in page.fields for one in _found(field)]
    stamps = [
        line
        for page in document.pages
        for block in page.blocks
        if block.kind is BlockKind.STAMP
        for line in block.lines
    ]
    return [
        *fields,
        *(
            Entity(line.start, line.end, line.text, line.text, Group.PERSON, "Person")
            for line in stamps
            if _SEAL.fullmatch(line.text)
        ),
    ]


def _found(field: Field) -> Iterator[Entity]:
    label, value = plain_label(field.name), field.value
    if not value.strip() or field.end - field.start != len(value):
        return
    if field.kind is ValueKind.POSTAL_CODE or _ADDRESS.search(label):
        yield _entity(field, 0, len(value), Group.ADDRESS)
    elif _EMAIL.search(label) and "@" in value:
        yield _entity(field, 0, len(value), Group.EMAIL)
    elif field.kind is ValueKind.PHONE and _PHONE.search(label):
        yield _entity(field, 0, len(value), Group.PHONE)
    elif _PERSON.search(label) or _PERSON_KEYS.search(field.key):
        yield from _people(field)
    elif _EITHER.search(label) or _EITHER_KEYS.search(field.key):
        yield from _company(field) if _is_company(value) else _people(field)
    elif _ORGANIZATION.search(label):
        yield from _company(field)


_LABELS = {
    Group.ADDRESS: "Postal_Address",
    Group.EMAIL: "Email",
    Group.PHONE: "Phone_Number",
    Group.PERSON: "Person",
    Group.ORGANIZATION: "Company",
}


def _entity(field: Field, start: int, end: int, group: Group) -> Entity:
    text = field.value[start:end]
    normal = re.sub(r"\D", "", text) if group is Group.PHONE else "".join(text.split())
    return Entity(field.start + start, field.start + end, text, normal, group, _LABELS[group])


def _is_company(value: str) -> bool:
    """Whether what may be a person or a company is one: クレハマ塗装呉浜様 ends as no company does."""
    name = _CALLED.sub("", value)
    called = len(name) < len(value) and not value.rstrip().endswith("御中")
    return bool((_COMPANY_ENDS if called else _COMPANY_LIKE).search(name))


def _people(field: Field) -> Iterator[Entity]:
    """Whom the value names, without company, section, title and honorific."""
    for piece in _PIECE.finditer(field.value):
        start, end = _bare(field.value, *piece.span())
        name = field.value[start:end]
        if _NAME.fullmatch(name) and len(name) <= _LONGEST_NAME and not _NOBODY.search(name):
            yield _entity(field, start, end, Group.PERSON)


def _bare(value: str, start: int, end: int) -> tuple[int, int]:
    """Where the name itself stands in a piece of a value."""
    while (aside := _ASIDE.match(value, start, end)) is not None:
        start = aside.end()
    if (aside := _ASIDE.search(value, start, end)) is not None:
        end = aside.start()
    if (called := _CALLED.search(value, start, end)) is not None and called.start() > start:
        end = called.start()
    for word in re.finditer(r"[^ \u3000]+[ \u3000]+", value[start:end]):
        if _COMPANY_LIKE.search(word.group().rstrip(" \u3000")):
            start += word.end()
            break
    if (role := _ROLE.match(value, start, end)) is not None and role.end() < end:
        start = role.end()
    text = value[start:end]
    return start + len(text) - len(text.lstrip(" \u3000")), end - len(text) + len(text.rstrip(" \u3000"))


def _company(field: Field) -> Iterator[Entity]:
    """The company that the value is, where nothing else stands in it."""
    start, end = _bare(field.value, 0, len(field.value))
    if start < end <= start + _LONGEST_COMPANY and not _NOBODY.search(field.value[start:end]):
        yield _entity(field, start, end, Group.ORGANIZATION)
