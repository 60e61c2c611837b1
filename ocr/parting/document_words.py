"""The words by which pages say what they are, compared without blanks and in half width."""

from __future__ import annotations

import re
import unicodedata

_BRACKETED = re.compile(r"[(\[【〔<《「『].*?[)\]】〕>》」』]")
_SIGNS = re.compile(r"^[\W_]+|[\W_]+$")
# What the name of a paper ends with. Statements and lists (計算書, 明細) go with another paper.
_PAPER = re.compile(
    r"(?:書|票|状|届|願|録|報|帳|簿|証|表|用紙|カード|シート|リスト|アンケート|メモ|レポート|伝票|通知|お知らせ|案内|見積|ご請求|領収"
    r"|規程|規則|要領|マニュアル|[ごお御](?:提案|報告|願い|礼|挨拶|連絡|見積り?|依頼))$"
)
_COMPANION = re.compile(
    r"(?:計算書|対照表|注記表|附属書|財産目録|目録|明細書?|明細表|内訳書?|内訳表|一覧表?|仕様書|組織表|図表|年表|索引)$"
)
_NUMBERED = re.compile(
    r"(?:第?[0-9一二三四五六七八九十百IVXivx]+(?:[.．、・:)]|[-‐.][0-9]+|章|節|編|部|条|項|の[0-9一二三])"
    r"|第[0-9一二三四五六七八九十百]+|[0-9]{1,2}(?=[^\W\d_])|[((][0-9一二三四五六七八九十]+[))]|[①-⑳■●◆◇○□▼▽◎・※*#]"
    r"|[ア-ンa-zA-Z][.)．、])"
)
_ANNEX_HEAD = (
    r"(?:別紙|別添|別表|別図|別記|続紙|続葉|続き|つづき|前頁続き|裏面|添付(?:資料|書類|図面?|写真)|付属(?:資料|書類|書)"
    r"|附属(?:資料|書類|書)|付録|附録|付表|附表|付図|参考(?:資料|図|書類)?|補足(?:資料)?|資料(?=[0-9一二三四五六七八九十A-Z])|図面)"
)
_ANNEX_NUMBER = r"(?:[-ー‐]?(?:その|No\.?|第)?[0-9一二三四五六七八九十A-Z]{1,3}(?:号|[-‐][0-9]{1,2})?)?"
_ANNEX = re.compile(rf"{_ANNEX_HEAD}{_ANNEX_NUMBER}")
_GOES_ON = re.compile(
    r"(?:[((【<]?(?:続き?|つづき|承前)[))】>]?$|^前(?:頁|ページ)(?:より|から|の続き|繰越)|前頁繰越|^続[:き]|の続き$|"
    rf"(?:[((【\[]|[^\W\d]){_ANNEX_HEAD}{_ANNEX_NUMBER}[))】\]]?$)"
)
_REFERS = re.compile(r"のとおり|の通り|参照|による|記載|を添|に定め|。")
_SPEAKS_OF_ANNEX = re.compile(r"別紙|別添|別表|添付|付属|附属|同封")
LONGEST_TITLE = 30  # characters


def plain(text: str) -> str:
    """Half width, without white space: No． 12 is No.12."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def bare(text: str) -> str:
    """The plain text without what is in brackets and without signs at its ends: 納品書（控） is 納品書."""
    return _SIGNS.sub("", _BRACKETED.sub("", plain(text)))


def names_a_paper(title: str) -> bool:
    """Whether a plain title is what a paper of its own is called: 点検表, 御見積書, but not 貸借対照表."""
    return bool(_PAPER.search(title)) and not _COMPANION.search(title)


def names_a_companion(title: str) -> bool:
    """Whether a plain title is that of what goes with a paper, unless it names whom it is for: 明細書."""
    return bool(_COMPANION.search(title))


def is_numbered(text: str) -> bool:
    """Whether a plain line begins with a number or a bullet, as headings inside a document do."""
    return bool(_NUMBERED.match(text))


def goes_on(text: str) -> bool:
    """Whether a line at the head of a page says that the page belongs to the one before: 別紙1, （続き）."""
    if len(text) > LONGEST_TITLE or _REFERS.search(text):
        return False
    head = text.lstrip("(【[<《〔■●・")
    return bool(_ANNEX.match(head)) or bool(_GOES_ON.search(text))


def speaks_of_an_annex(text: str) -> bool:
    """Whether a plain line names what comes with the paper: 別紙見積書のとおり, 添付書類."""
    return bool(_SPEAKS_OF_ANNEX.search(text))
