"""Characters of different scripts that look the same in print, put right by the script around them.

A recogniser that knows Chinese, Japanese and Latin at once picks between 口 and ロ by shape, where a
reader picks by the word. Only the scripts of the two neighbours decide here; where they leave both
readings open the character stays as it was read. No repair changes the number of characters.
"""

from __future__ import annotations

VERSION = 1

# Kanji and strokes on the left are the katakana on the right.
_KANJI_AS_KATAKANA = dict(zip("口力夕二三八工千卜才", "ロカタニミハエチトオ", strict=True))
# Hardly ever a word of their own beside katakana (夕, 卜), so that one katakana neighbour is enough.
_RARE_BESIDE_KATAKANA = frozenset("夕卜")
# A number or a common noun may stand before a katakana word (三ライン), these may not.
_NEVER_BEFORE_KATAKANA = frozenset("口力夕卜工才")
_STROKES = frozenset("一―—‐−－-|丨｜")
# What 一 counts or begins: データ一件, サーバー一式.
_AFTER_NUMBER_ONE = frozenset(
    "つか件名社人部式覧同括般方因環段層律切定時日月年回度番個台本枚次緒致斉任歩言冊室階丁連体種点行面元週箇ヶ"
)
_SMALL_KATAKANA = frozenset("ァィゥェォッャュョ")
_HIRAGANA_AS_KATAKANA = dict(zip("べぺ", "ベペ", strict=True))
_KATAKANA_AS_HIRAGANA = {katakana: hiragana for hiragana, katakana in _HIRAGANA_AS_KATAKANA.items()}
# Simplified forms that recognition gives for the Japanese ones.
_SIMPLIFIED = str.maketrans(
    "说额页问间时东车门见贝马长风飞龙务业关开样电话认试调查请谢讨议论语读课谁诉诊词译该详误识设记订计许证"
    "评货费贸资赁赔购贩贮贵买卖质负责财贯赏员则针铁银钱锁错锐镜键铺录续织组细终给结统绍经纲纪约级纳纸线练"
    "绪维绩绿缩总缘历题颜顾顺项顿领频类达运远违连迟选遗还进邮乡鸟鱼鸣齐龄岛岁师带帐币归应庆库废张强弹彻忆"
    "态恶悬惯战户扩扫护报拟择损换挥摄显晓暂术杀杂权极构枪检标桥欢汉污沟济测浓满灭灵热爱环现监盘确种积稳穷"
    "笔节简紧综罗职联肃胜脑艺苏药获营虑补规视觉产单对备处创动团图场实导异疗绝继观软较转轻输边过适邻陆险隐"
    "难预们发变义乐仅伤传侧优众伟兴军农净减击办劳势卫压启响哑园围圆块坚执夹奖妇娱孙宁宽宾寻层忧怀恳扬抚拥"
    "斋毕泽洁渐渔溃滥烦烧牺狮猎矿离竞纠纯纺纤纵纷纹纽绅绘络绳绵缓编缝罚肠肤胁脏舰荣虏蚀袭讲访诀诈诗诚诱谈"
    "谋谓谚谦谱贡贤败贫贴赂赋赌赖赠趋跃轨轮辅辈辉辑辖迁递郑酱释钓钟钢钩铃铅铜锅锋锤镇闪闭闲闻阀阅阳阴阵阶"
    "际陈雾韩须顽颁颊饥饭饮饰饱饲饼馆驱驳驻驾验骑骚鲁鲜鸡鸭书增",
    "説額頁問間時東車門見貝馬長風飛竜務業関開様電話認試調査請謝討議論語読課誰訴診詞訳該詳誤識設記訂計許証"
    "評貨費貿資賃賠購販貯貴買売質負責財貫賞員則針鉄銀銭鎖錯鋭鏡鍵舗録続織組細終給結統紹経綱紀約級納紙線練"
    "緒維績緑縮総縁歴題顔顧順項頓領頻類達運遠違連遅選遺還進郵郷鳥魚鳴斉齢島歳師帯帳幣帰応慶庫廃張強弾徹憶"
    "態悪懸慣戦戸拡掃護報擬択損換揮摂顕暁暫術殺雑権極構槍検標橋歓漢汚溝済測濃満滅霊熱愛環現監盤確種積穏窮"
    "筆節簡緊総羅職聯粛勝脳芸蘇薬獲営慮補規視覚産単対備処創動団図場実導異療絶継観軟較転軽輸辺過適隣陸険隠"
    "難預門発変義楽僅傷伝側優衆偉興軍農浄減撃弁労勢衛圧啓響唖園囲円塊堅執挟奨婦娯孫寧寛賓尋層憂懐懇揚撫擁"
    "斎畢沢潔漸漁潰濫煩焼犠獅猟鉱離競糾純紡繊縦紛紋紐紳絵絡縄綿緩編縫罰腸膚脅臓艦栄虜蝕襲講訪訣詐詩誠誘談"
    "謀謂諺謙譜貢賢敗貧貼賂賦賭頼贈趨躍軌輪輔輩輝輯轄遷逓鄭醤釈釣鐘鋼鈎鈴鉛銅鍋鋒錘鎮閃閉閑聞閥閲陽陰陣階"
    "際陳霧韓須頑頒頬飢飯飲飾飽飼餅館駆駁駐駕験騎騒魯鮮鶏鴨書増",
)


def repair(text: str, *, vertical: bool) -> str:
    """`text` of one line with look-alikes put right; in a column the long-vowel mark stands upright."""
    text = text.translate(_SIMPLIFIED)
    for _ in range(2):  # a repaired character is a neighbour that tells the next one
        text = "".join(_repaired(text, at, vertical) for at in range(len(text)))
    return text


def _repaired(text: str, at: int, vertical: bool) -> str:
    this = text[at]
    left, right = text[at - 1] if at else "", text[at + 1 : at + 2]
    if this in _STROKES:
        return "ー" if _is_long_vowel(this, left, right, vertical) else this
    if this in _KANJI_AS_KATAKANA and _is_katakana_word(this, left, right):
        return _KANJI_AS_KATAKANA[this]
    if this in _HIRAGANA_AS_KATAKANA and _katakana(right) and not _han(left):
        return _HIRAGANA_AS_KATAKANA[this]
    if this in _KATAKANA_AS_HIRAGANA and _hiragana(right) and not _katakana(left):
        return _KATAKANA_AS_HIRAGANA[this]
    if this == "へ" and ((_katakana(right) and not left) or right in _SMALL_KATAKANA or right == "ー"):
        return "ヘ" if right else this
    if this == "ヘ" and left and not _katakana(right) and right != "ー":
        return "へ"
    return this


def _is_long_vowel(this: str, left: str, right: str, vertical: bool) -> bool:
    if not (_katakana(left) or (left == "ー" and _katakana(right))):
        return False
    if this == "一":
        return not (right and right in _AFTER_NUMBER_ONE)
    if this in "|丨｜":
        return vertical or _katakana(right)
    return _katakana(right) or _hiragana(right)


def _is_katakana_word(this: str, left: str, right: str) -> bool:
    after = _katakana(right) or right == "ー"
    if right and (right == "ー" or right in _SMALL_KATAKANA):
        return True
    if (_katakana(left) or left == "ー") and after:
        return True
    if this in _RARE_BESIDE_KATAKANA and (_katakana(left) or left == "ー") and not _han(right):
        return True
    return this in _NEVER_BEFORE_KATAKANA and after and not _han(left) and not _is_digit(left)


def _katakana(character: str) -> bool:
    # ヵ and ヶ are counters between kanji.
    return "ァ" <= character <= "ヴ" if character else False


def _hiragana(character: str) -> bool:
    return "ぁ" <= character <= "ゖ" if character else False


def _han(character: str) -> bool:
    return character != "" and (
        "一" <= character <= "鿿" or "㐀" <= character <= "䶿" or character in "々〆ヶ"
    )


def _is_digit(character: str) -> bool:
    return character.isdigit()
