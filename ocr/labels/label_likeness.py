"""How much a piece of text looks like the printed label of a form, such as 日付, 担当者 or 商談内容."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ocr.labels.value_types import value_type
from ocr.script.widths import is_letter_spaced, text_width, without_blanks

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


_DONE = (
    "請求|見積|発行|作成|受付|受電|入電|注文|発注|受注|納品|納入|出荷|契約|締結|報告|訪問|記入|提出|申込|申請|届出|完了|作業"
    "|点検|検収|支払|入金|振込|利用|実施|開催|活動|購入|依頼|起票|取引|領収|受領|返却|開始|終了|回答|対応|商談|面談|次回"
)
_USUAL = re.compile(
    rf"(?:ご|お|御)?(?:(?:{_DONE})(?:書|予定|希望)?(?:年月)?日時?|日付|日時|年月日|生年月日|納期|(?:納入|支払|有効|回答|提出)?期[限日]"
    rf"|締切日?|(?:開始|終了|受付|所要|訪問)?時[間刻]|開始|終了|期間|工期|会期|(?:お|ご)?(?:名前|氏名)|(?:お|ご)?客様名?|(?:会社|法人|団体|企業|貴社|社|店舗?|工事|案件|商品|製品"
    rf"|機種|品|件|題|部署|役職|顧客|担当者|支店)名|担当者?|営業担当|部署|所属|役職|(?:責任|代表|(?:{_DONE}))者|取引先|得意先|宛先"
    rf"|(?:送付|納品|納入|請求|支払|仕入|訪問|連絡|届け?|振込|発注|依頼)先|フリガナ|ふりがな|(?:携帯)?電話(?:番号)?|TEL|FAX(?:番号)?"
    rf"|携帯|内線|直通|メール(?:アドレス)?|E-?mail|住所|所在地|郵便番号|URL|品番|型番|型式|機種|数量|単価|金額|合計|合計金額|小計"
    rf"|消費税|単位|仕様|(?:納入|納品|受渡|開催|作業)?場所|目的|内容|概要|備考|摘要|理由|用途|区分|種別|種類|状況|状態|結果|対応"
    rf"|支払(?:条件|方法)|取引条件|口座番号|支店"
    rf"|(?:(?:{_DONE})書?|伝票|管理|整理|顧客|会員|社員|文書|登録|法人|製造|部品|図面)?(?:番号|No\.?|№|コード))",
    re.IGNORECASE,
)


def is_usual_label(text: str) -> bool:
    """Whether the text is, as a whole, one of the labels that business forms have: 納期, お電話番号."""
    return bool(_USUAL.fullmatch(without_blanks(unicodedata.normalize("NFKC", text))))
