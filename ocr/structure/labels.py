"""How much a piece of text looks like the printed label of a form, such as 日付, 担当者 or 商談内容."""

from __future__ import annotations

import re
from functools import lru_cache

from ocr.structure.script import is_letter_spaced, text_width, without_blanks
from ocr.structure.value_types import value_type

LONGEST_LABEL = 14.0  # ems
LIKELY_LABEL = 0.5
SURE_LABEL = 0.8
NO_LABEL = 0.02

_LABEL_ENDINGS = re.compile(
    "(?:日|日付|日時|年月日|時刻|時間|期間|期限|納期|時期|名|名前|氏名|名称|会社|者|担当|部署|部門|所属|役職|番号|No\\.?"
    "|№|コード|電話|TEL|FAX|メール|E-?mail|住所|所在地|場所|内容|概要|詳細|目的|結果|対応|処置|措置|件名|題名|議題|用件"
    "|区分|種別|種類|分類|状況|状態|予定|計画|課題|問題点|所感|感想|備考|摘要|特記|先|元|相手|方|金額|価格|数量|単価"
    "|合計|小計|計|税|品名|品目|型番|型式|仕様|単位|印|欄|方法|手段|経路|理由|原因|要望|意見|質問|回答|依頼|提案|製品"
    "|商品|商材|サービス|機種|次回|緊急度|優先度|重要度|至急|天候|天気|性別|年齢|年代|職業|契約|見込み?|確度|満足度|評価"
    "|コメント|メモ|報告|連絡|事項|項目|受付|応対|折返し?|引継ぎ?|媒体|店舗|支店|取引先|顧客|お客様|様名|ID|有無|可否"
    "|承認|確認|審査|検印|作成|起票|記入|課長|部長|係長|社長|所長|店長|上長|本日|明日|実績|目標|成果|反省|回数|件数|人数"
    "|台数|枚数|個数|人員|人数|口数|年数|日数|距離|重量|寸法|比率|料金|費用|運賃|送料|敷金|残高|総額|月額|単位|消費税|期間"
    "|フリガナ|ふりがな|カナ|車種|機種|業種|職種|品種|種目|型名|場所|事由|会期|工期|任期|資本金|設立|方式|条件|署名|要件"
    "|訪問|商談|活動|行動|業務|作業|気付き|気づき|ご?要望|ご?意見|ご?住所|お名前|御中)(?:[（(].{1,8}[)）])?",
    re.IGNORECASE,
)
_VALUE_SIGNS = re.compile(
    r"[☐☑☒□■✓✔レ]\s*\S|[。！？]|[\d０-９]{2,}|@|https?:|株式会社|有限会社|[㈱㈲]|御中|[^お客]様$"
    r"|[\d０-９]\s?月\s?[\d０-９]{1,2}\s?日"
)
_NUMBERED = re.compile(r"^(?:[\d０-９]{1,2}[.．、)）]|[①-⑳])")


_APPROVER = re.compile(
    "(?:承認|確認|審査|検印|受領|閲覧|作成|起票|受付|担当|担当者|本人|記入者|上長|責任者|主任|係長|課長|次長|部長|所長"
    "|店長|支店長|工場長|本部長|室長|役員|専務|常務|社長|総務|経理|印|[^ ]{1,3}印)"
)


def is_approver(text: str) -> bool:
    """Whether the text heads a box for a seal: 承認, 課長, 担当."""
    return bool(_APPROVER.fullmatch(without_blanks(text)))


@lru_cache(maxsize=4096)
def label_likeness(text: str) -> float:
    """From 0 (certainly a value, or empty) to 1 (certainly a label)."""
    compact = _NUMBERED.sub("", without_blanks(text), count=1)
    compact = compact.strip("【】［］[]■◆●〔〕「」")
    if not compact:
        return NO_LABEL
    if len(compact) > 1 and compact[-1] in "：:":
        return 0.95
    if text_width(compact) > LONGEST_LABEL or _VALUE_SIGNS.search(text) or re.search("[：:]", compact):
        return 0.03
    ending = any(_LABEL_ENDINGS.fullmatch(compact[at:]) for at in range(len(compact)))
    if ending and value_type(compact) is None:  # 氏名, but not 2名
        return 0.95 if is_letter_spaced(text) else 0.9
    if re.search(r"[\d０-９、]", compact):
        return 0.1
    if is_letter_spaced(text) and len(compact) > 2:
        return 0.9
    return 0.4 if text_width(compact) <= 8 else 0.15
