"""What its shape alone tells: amounts, counts, dates, phones, mails, addresses, laws, part numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.entities.calendar import dates, periods
from nlu.entities.entity import Entity, Group
from nlu.entities.folded import FoldedText
from nlu.entities.plain_numbers import NUMBER, number_of

_CURRENCIES = {
    "円": "",
    "ドル": "USD ",
    "ユーロ": "EUR ",
    "ポンド": "GBP ",
    "人民元": "CNY ",
    "ウォン": "KRW ",
}
_AMOUNT = re.compile(
    rf"(?<![\d.,第])(?P<number>{NUMBER}) ?(?P<currency>{'|'.join(_CURRENCIES)})(?![形卓満滑周高安])台?"
    rf"|(?P<sign>[¥\\$]) ?(?P<signed>(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?)(?:-|円)?(?![\d,])"
)
_COUNTERS = (
    "件|台|個|名|人|泊|室|段|区分|車線|枚|本|回|社|冊|箱|ケース|セット|棟|戸|[かヶカケ箇]所|店舗|ロット|パック|脚|足"
    "|着|杯|匹|頭|食|通|袋"
)
_COUNT = re.compile(
    rf"(?<![\d.,第\-/A-Za-z年月])(?P<number>{NUMBER}) ?(?P<counter>{_COUNTERS})"
    r"(?!目|[一-龥々]*化|部(?!屋)|番|店員|材|物|当|人|暮|気|別|性|格|者|数|前|間|向|体|来|文|社|線|棚)"
    rf"|(?<![\d.])(?P<share>\d+(?:\.\d+)?) ?(?:%|パーセント)"
)
_OTHER_WORD = re.compile("[一二三四五六七八九十百千].*[脚足着頭食杯匹]")
_NOT_COUNTED = frozenset(
    {"一人", "一本", "一回", "一通", "一足", "一個人", "一頭", "一着", "一社", "十人", "一名"}
)
_PHONE = re.compile(
    r"(?<![\d\-A-Za-z./])(?:\+81[- ]?(?:\(0\)|0)?\d{1,4}[- ]?|\(0\d{1,4}\) ?-?|0\d{1,4}(?:[- ]"
    r"|(?=\()|(?=\d)))"
    r"(?:\(\d{1,4}\) ?|\d{1,4}[- ]?)\d{3,4}(?![\d\-A-Za-z])"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
_REGISTRATION = re.compile(r"(?<![A-Za-z0-9])T ?(?:\d[ -]?){12}\d(?!\d)")

_PREFECTURE = (
    "北海道|東京都|大阪府|京都府|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川"
    "|新潟|富山|石川|福井|山梨|長野"
    "|岐阜|静岡|愛知|三重|滋賀|兵庫|奈良|和歌山|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡"
    "|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄)県"
)
_TOWN = "[一-龥々ァ-ヶーのがケヶツッ]"
_POSTAL = r"〒 ?\d{3}-?\d{4}"
_DIGIT = "[0-9一二三四五六七八九十]"
_BLOCK = rf"{_DIGIT}+ ?(?:丁目|番地?|-) ?(?:\d+ ?(?:番地?|号|-)? ?){{0,3}}(?:\d+号室?)?"
_HOUSE = (
    r"(?: ?[一-龥々ァ-ヶーA-Za-z0-9]{1,16}(?:ビル(?:ディング)?|マンション|タワー|ハイツ|荘|会館|プラザ"
    r"|コーポ|メゾン)(?:[0-9]+号?館)? ?(?:\d+(?:階|F|号室?))?)?"
)
_ADDRESS = re.compile(
    rf"(?:{_POSTAL} ?)?(?:(?:{_PREFECTURE}) ?{_TOWN}{{1,24}}? ?{_BLOCK}|[一-龥々]{{1,5}}[市区郡]"
    rf" ?{_TOWN}{{1,16}}? ?{_BLOCK}){_HOUSE}"
    rf"|{_POSTAL}(?: ?(?:{_PREFECTURE}){_TOWN}{{1,12}})?"
)
_PLACE = re.compile(rf"(?:{_PREFECTURE})(?:[一-龥々ヶケ]{{1,5}}?[市区郡町村](?!場|長|内|民|役|立|議))?")

_LAWS = (
    "民法|商法|刑法|会社法|個人情報の保護に関する法律|下請代金支払遅延等防止法|下請法|独占禁止法"
    "|独禁法|景品表示法|特定商取引法|特商法|消防法"
    "|著作権法|特許法|商標法|金融商品取引法|労働者派遣法|派遣法|薬機法|フリーランス法|外為法|PL法"
    "|電子帳簿保存法|インボイス制度|廃掃法|借地借家法|日本国憲法|憲法"
    "|育児・?介護休業法"
)
_LAW_NAME = (
    rf"(?:{_LAWS}|(?<![一-龥々])[一-龥々]{{2,14}}?(?:基準|保護|防止|規制|衛生|責任|契約|取引|保険|推進"
    rf"|促進|税|処理|確保|禁止|表示|管理|福祉|均等|運送|建設業|宅地建物取引業)法)"
)
_ARTICLE = (
    r"第? ?[0-9一二三四五六七八九十百]+ ?条(?:の[0-9一二三四五六七八九十]+)?(?:第?"
    r" ?[0-9一二三四五六七八九十]+ ?項)?(?:第? ?[0-9一二三四五六七八九十]+ ?号)?"
)
_LAW = re.compile(
    rf"{_LAW_NAME}(?![人務定的規律廷案学令一-龥々])(?:(?:施行)?(?:令|規則))?(?:{_ARTICLE})?"
    rf"|{_LAW_NAME}(?:(?:施行)?(?:令|規則))?{_ARTICLE}"
    rf"|(?<![一-龥々])[一-龥々]{{2,14}}(?:法|条例){_ARTICLE}"
)
_PART_NUMBER = re.compile(
    r"(?<![A-Za-z0-9\-_.@/])[A-Z]{1,5}-?\d{2,5}[A-Z]{1,4}\d{0,2}(?:-[A-Z0-9]{1,6})?(?![A-Za-z0-9\-_@])"
)
_SAID_PART_NUMBER = re.compile(
    r"(?:型番|型式|品番|機種名?|モデル|製品名)(?:は|が|:)?"
    r" ?(?P<number>[A-Z][A-Z0-9]{0,7}(?:-?[A-Z0-9]{1,8}){1,3})(?![A-Za-z0-9\-])"
)


def shaped(folded: FoldedText, text: str) -> Iterator[Entity]:
    """The entities of a stretch of `text` that their shape tells, as they overlap."""
    of = folded.text

    def entity(start: int, end: int, normal: str, group: Group, label: str) -> Entity:
        first, last = folded.span(start, end)
        return Entity(first, last, text[first:last], normal, group, label)

    if any(sign.isdecimal() for sign in of) or _HAS_NUMERAL.search(of):
        for start, end, normal, label in dates(of):
            yield entity(start, end, normal, Group.DATE, label)
        for start, end, normal, label in periods(of):
            yield entity(start, end, normal, Group.PERIOD, label)
        yield from (entity(*found) for found in (*_amounts(of), *_counts(of), *_contacts(of)))
    for found in _EMAIL.finditer(of):
        yield entity(*found.span(), found.group().lower(), Group.EMAIL, "Email")
    for found in _PLACE.finditer(of):
        yield entity(
            *found.span(),
            found.group(),
            Group.PLACE,
            "City" if found.group()[-1] in "市区郡町村" else "Province",
        )
    for found in _LAW.finditer(of):
        yield entity(*found.span(), found.group().replace(" ", ""), Group.LAW, "Law")
    for found in _PART_NUMBER.finditer(of):
        yield entity(*found.span(), found.group(), Group.PRODUCT, "Product_Other")
    for found in _SAID_PART_NUMBER.finditer(of):
        yield entity(*found.span("number"), found["number"], Group.PRODUCT, "Product_Other")


_HAS_NUMERAL = re.compile("[元一二三四五六七八九十百千]")
_Shaped = tuple[int, int, str, Group, str]


def _amounts(of: str) -> Iterator[_Shaped]:
    for found in _AMOUNT.finditer(of):
        if found["sign"]:
            normal = ("USD " if found["sign"] == "$" else "") + number_of(found["signed"])
        else:
            normal = _CURRENCIES[found["currency"]] + number_of(found["number"])
        yield *found.span(), normal, Group.AMOUNT, "Money"


def _counts(of: str) -> Iterator[_Shaped]:
    for found in _COUNT.finditer(of):
        if found["share"]:
            yield *found.span(), f"{number_of(found['share'])}%", Group.COUNT, "Percent"
        elif found.group() not in _NOT_COUNTED and not _OTHER_WORD.match(found.group()):
            label = (
                "N_Person"
                if found["counter"][0] in "名人"
                else "Frequency"
                if found["counter"] == "回"
                else "Countx_Other"
            )
            yield *found.span(), number_of(found["number"]), Group.COUNT, label


def _contacts(of: str) -> Iterator[_Shaped]:
    for found in _PHONE.finditer(of):
        digits = re.sub(r"\D", "", found.group())
        digits = (
            "0" + digits.removeprefix("81").removeprefix("0") if found.group().startswith("+") else digits
        )
        mobile = re.match("0[5789]0", digits)
        if len(digits) == (11 if mobile else 10):
            yield *found.span(), digits, Group.PHONE, "Phone_Number"
    for found in _ADDRESS.finditer(of):
        end = found.start() + len(found.group().rstrip(" -"))
        yield found.start(), end, of[found.start() : end].replace(" ", ""), Group.ADDRESS, "Postal_Address"
    for found in _REGISTRATION.finditer(of):
        yield *found.span(), re.sub("[ -]", "", found.group()), Group.REGISTRATION, "ID_Number"
