"""What a paper calls itself: the line that is its title, and the noun that the title ends in.

A Japanese compound ends in its head: 基本契約書 is a 契約書, while a line that begins with 請求書 and ends in
お詫び is an apology. Numbers, dates, periods, and remarks such as 控 and 案 around a title are no part of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from ocr.document import Block, BlockKind, Box, Document, Line, Page

TITLE_BLOCKS = 8  # a form's title stands among its first blocks, before the body can mention another form
MOST_ROWS = 3  # of a title; a block of more is text
LONGEST_TITLE = 40  # characters
LARGER_TYPE = 1.2  # times the usual line of the page
SAME_TYPE = 1.25  # times, between the lines of one title
NEXT_LINE = 2.4  # line heights from one line of a title down to the next
LOWEST_TITLE = 0.5  # of the page height; a letterhead may hold more blocks than that
CENTRED = 0.06  # of the page width that the middle of a title may miss that of the page
WIDEST_CENTRED = 0.7  # of the page width
LEAST_SHARE = 0.5  # of what stands behind the title on the line of a paper whose title does not stand out

_REMARK = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|<[^<>]*>|〔[^〔〕]*〕|《[^《》]*》")
_SIGNS = "「」『』\"'“”■◆●○◎□◇★☆▼▲※*・:~=_|-()[]【】<>〔〕《》"
_YEAR = r"(?:(?:令和|平成|昭和|大正|[RHS])\.?)?(?:\d{1,4}|元)年度?"
_NUMBER = (
    rf"(?:{_YEAR})?(?:\d{{1,2}}月)?(?:\d{{1,2}}日)?(?:付け?|分|度|期|現在)?"
    rf"|(?:{_YEAR})?第\d{{1,4}}(?:四半期|期|回|号|版|週|報|次)(?:分|末)?|[上下前後]半?期|[月火水木金土日]曜日?"
    r"|(?:No\.?|NO\.?|№|#|番号:?)?[A-Za-z]{0,5}[\-_]?\d[\dA-Za-z\-_/.:]*(?:号|版|頁|枚)?|No\.?|NO\.?|№"
)
_STATE = (
    r"控え?|写し?|副本?|正本?|原本|案|素案|草案|改訂?版?|最終版?|確定版?|再発行|見本|サンプル|ひな形|雛形|別紙|社外秘"
    r"|[Vv]er\.?[\d.]*"
)
_ASIDE = re.compile(rf"(?:{_NUMBER}|{_STATE})+")
_ASIDE_BEHIND = re.compile(
    rf"(?:{_STATE}|(?:令和|平成|昭和|第)?(?:\d|元年)[\d年月日分度号期版\-/.]*|(?:No\.?|№)[\dA-Za-z\-]*)$"
)
_ASIDE_BEFORE = re.compile(
    rf"(?:{_YEAR}(?:\d{{1,2}}月)?|\d{{1,2}}月)(?:\d{{1,2}}日)?[分度期]?|第\d{{1,4}}(?:四半期|期|回|号)"
)
_TAIL = r"(?:票|書|表|用紙|シート|カード|メモ|フォーム|様式|簿|帳)?"
_LETTERS_APART = re.compile(r"(?<!\S)([^\s\x00-\x7f]) +(?=[^\s\x00-\x7f](?:\s|$))")
_JOINED = re.compile(r"兼|及び|および|並びに|ならびに|[・/&、,]")
_LETTER = re.compile(
    r"(?:について|に関して|の件|案内|挨拶|知らせ|詫び|お詫|お?願い?|通知|[御お]礼|連絡|送付状?|送り状|在中|依頼|伺い?|回答|質問|催促|督促"
    r"|手続き?|書き方|記入例|要領|手引き?|マニュアル|説明|一覧表?|リスト|集計表?|管理表|目次|訂正|提出|発行|作成|受領|返送|取扱い?)$"
)
_HEAD = re.compile(r"(?:書|表|票|状|報|届|帳|簿|録|明細|内訳|計画|規程|規則|方法|手順)$")
_SENTENCE = re.compile(r"[。!?！？を]|は(?!がき)|が(?![きヶケ丘])|から|まで")
_KANA = re.compile("[ぁ-ん]")
_IN_A_TITLE = re.compile("に関する|に係る|における|のための|[のおごと]|つき")
_TITLES = frozenset({BlockKind.HEADING, BlockKind.HEADER, BlockKind.PARAGRAPH})
_NAME = re.compile(r"(?:様|御中|殿|各位|会社)$|^(?:株式|有限|合同)会社|㈱|㈲")


@dataclass(frozen=True, slots=True)
class TitleLine:
    """A line that may be a title, as printed; `stands_out` by its type or its place, `sure` unless it stands
    in a table or form."""

    text: str
    box: Box
    stands_out: bool
    sure: bool


def plain(text: str) -> str:
    """As title words are compared: NFKC without white space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def title_lines(document: Document) -> tuple[TitleLine, ...]:
    """The lines of the first page that may be its title, in reading order, those in tables and forms last."""
    found = [line for page in document.pages[:1] for line in _lines_of(page, document.text)]
    return tuple(sorted(found, key=lambda line: not line.sure))


def title_words(text: str) -> tuple[str, ...]:
    """The words of a title without its brackets, numbers, dates, periods and remarks, letters that are set
    apart as one word: 第3四半期 大阪支店 営 業 日 報（控） is 大阪支店, 営業日報."""
    normal = unicodedata.normalize("NFKC", text)
    outside = _REMARK.sub(" ", normal)
    kept = outside if outside.strip(_SIGNS + " \u3000\t") else normal
    words = (word.strip(_SIGNS) for word in _LETTERS_APART.sub(r"\1", kept.replace("\u3000", " ")).split())
    bare = ("" if _ASIDE.fullmatch(word) else _without_aside(word) for word in words)
    return tuple(word for word in bare if word)


def _without_aside(word: str) -> str:
    """The word without the dates, numbers and remarks that are written onto it."""
    before = _ASIDE_BEFORE.match(word)
    word = word[before.end() :] if before else word
    while (match := _ASIDE_BEHIND.search(word)) and match.start():
        word = word[: match.start()].rstrip(_SIGNS)
    return word


def is_told_by(text: str, title: str, *, stands_out: bool) -> int | None:
    """Whether the line is the title of a paper that `title` (plain) names: how many papers it names before
    (請求書兼納品書 is a 納品書, too: 1), else None."""
    words = title_words(text)
    pattern = re.compile(re.escape(title) + _TAIL + "$", re.IGNORECASE)
    for end in range(1, len(words) + 1):
        before, behind = "".join(words[:end]), "".join(words[end:])
        for number, part in enumerate([before] if _JOINED.search(title) else _JOINED.split(before)):
            match = pattern.search(part)
            if match is None or not _may_follow(behind, title, stands_out):
                continue
            if _may_precede(part[: match.start()], stands_out):
                return number
    return None


def is_letter(text: str) -> bool:
    """Whether the title is that of a letter about something: ご案内, お詫び, の件, について."""
    return bool(_LETTER.search("".join(title_words(text))))


def is_continued(line: TitleLine, after: TitleLine) -> bool:
    """Whether the title goes on in the line `after`: right below, of the same type."""
    one, other = line.box, after.box
    if len(plain(after.text)) > LONGEST_TITLE / 2 or "、" in after.text or _SENTENCE.search(after.text):
        return False
    near = 0 < other.center[1] - one.center[1] <= NEXT_LINE * one.height
    over = min(one.x1, other.x1) > max(one.x0, other.x0)
    return near and over and max(one.height, other.height) <= SAME_TYPE * min(one.height, other.height)


def title_of(document: Document) -> str:
    """The title of the paper without numbers, dates and remarks; empty where no line stands out as one, or
    nothing but names does."""
    for line in title_lines(document):
        words = "".join(title_words(line.text))
        if line.stands_out and line.sure and len(words) > 1 and not _NAME.search(words):
            return words
    return ""


def _may_precede(words: str, stands_out: bool) -> bool:
    """Whether a title may begin so; what does not stand out may be the end of a sentence."""
    return not _SENTENCE.search(words) and (stands_out or not _KANA.search(_IN_A_TITLE.sub("", words)))


def _may_follow(words: str, title: str, stands_out: bool) -> bool:
    """Whether what stands behind the title on its line (a branch, a name) leaves it the title."""
    if not words:
        return True
    if _LETTER.search(words) or _HEAD.search(words) or _SENTENCE.search(words):
        return False
    return stands_out or len(title) >= LEAST_SHARE * (len(title) + len(words))


def _lines_of(page: Page, text: str) -> Iterator[TitleLine]:
    usual = median(line.box.height for line in page.lines) if page.lines else 0.0
    begun = False  # the text of the paper, behind which no plain line is its title
    for number, block in enumerate(page.blocks):
        written = text[block.start : block.end]
        is_form = block.kind is BlockKind.TABLE or (block.kind is BlockKind.FIELD and "\t" in written)
        rows = [[line] for line in block.lines] if is_form else _rows(block)
        if not is_form and (block.kind not in _TITLES or len(rows) > MOST_ROWS or _is_text(written)):
            begun = begun or block.kind is BlockKind.PARAGRAPH
            continue
        for row in rows:
            box = Box.around(line.box for line in row)
            large = block.kind is BlockKind.HEADING or box.height >= LARGER_TYPE * usual
            stands_out = large or (not is_form and _is_centred(box, page))
            if number >= TITLE_BLOCKS and not (large and box.center[1] <= LOWEST_TITLE * page.height):
                continue
            if stands_out or not begun:
                yield TitleLine(" ".join(line.text for line in row), box, stands_out, not is_form)


def _is_text(written: str) -> bool:
    return "。" in written or "、" in written or len(plain(written)) > LONGEST_TITLE


def _rows(block: Block) -> list[list[Line]]:
    """The lines of the block, those on one row together."""
    rows: list[list[Line]] = []
    for line in block.lines:
        if rows and rows[-1][-1].box.y0 < line.box.center[1] < rows[-1][-1].box.y1:
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _is_centred(box: Box, page: Page) -> bool:
    narrow = box.width <= WIDEST_CENTRED * page.width
    return narrow and abs(box.center[0] - page.width / 2) <= CENTRED * page.width
