"""How many names stay visible where persons are hidden, whoever the papers name.

python -m benchmarks.studies.visible_names OUT [--rounds 6] [--model]

The papers of the sample inbox, as a run into OUT read them, with each name exchanged for another of the same
length, so that no pattern can know them.
"""

from __future__ import annotations

import argparse
import gzip
import random
from collections.abc import Iterator, Mapping
from pathlib import Path

from fixtures.named_things import names_of_the_inbox
from fixtures.truth_file import FIXTURES
from nlu.application.application import Application
from nlu.entities.entity import Group
from ocr.document import Document
from ocr.serialization import from_json
from pipeline.applications.entity_rules import EntityRules
from pipeline.applications.field_dictionary import named
from pipeline.applications.text_analysis import TextAnalysis
from pipeline.steps.hiding import Hiding
from pipeline.steps.places import text_blocks
from pipeline.steps.split_sentences import TextTools

_FAMILY = (
    "鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 松本 井上 木村 林田 清水 斎藤 橋本"
    " 石川 藤田 岡田 後藤 近藤 坂本 遠藤 青木"
    " 福田 太田 三宅 岡本 中野 原田 小野 竹内 金子 和田 石田 柴田 宮崎 酒井 工藤"
    " 横山 内田 島田 谷口 河野 武田 大塚 千葉 久保 桜井 渡部"
    " 水野 五味 東條 鳳凰 目黒 赤羽 生駒 桑名 根岸 若狭 蛭田 槙野 鬼頭 榊原 春名 砂川 財前 向井"
    " 米倉 箕輪 佐々木 長谷川 五十嵐 久保田"
    " 大久保 小笠原 宇都宮 阿久津 小野寺 日下部 東海林 道明寺 小山田 与那嶺"
)
_GIVEN = (
    "修 茂 恵 薫 豊 誠 学 望 司 翔 愛 蓮 太郎 花子 健太 美咲 大輔 由美 直樹 真理 陽子 翔太 結衣"
    " 拓也 和子 浩二 千尋 裕子 莉子 悠真 琴音"
    " 健太郎 優里奈 慎太郎 まゆみ さくら 亜希子 恵美子 真由美 新之助 ひかる あゆみ みどり"
)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--model", action="store_true")
    asked = parser.parse_args()
    hidden = frozenset({Group.PERSON})
    tools = TextTools(EntityRules(hidden=hidden, model=asked.model))
    there = seen = characters = covered = 0
    for number in range(asked.rounds):
        for document, names in exchanged(asked.out, random.Random(number)):
            sentences = tools.analyser(TextAnalysis()).analyse(document.text, text_blocks(document)).sentences
            shown = Hiding.of(document.text, tools.entities(document, sentences), hidden).at(document.text, 0)
            there += sum(document.text.count(name) for name in names)
            seen += sum(shown.count(name) for name in names)
            characters, covered = characters + len(shown), covered + shown.count("■")
    share = covered / characters
    print(f"{there} names, {seen} stay visible ({1 - seen / there:.1%} hidden); {share:.1%} of the text is ■")


def exchanged(out: Path, chance: random.Random) -> Iterator[tuple[Document, set[str]]]:
    """The papers with other names, their fields named as the sample applications do; and the names."""
    others = _others(chance)
    dictionaries = [
        Application.load(FIXTURES / "apps" / name).fields for name in ("call-log", "daily-report")
    ]
    for file in sorted(out.glob("digitized/*/*/*.json.gz")):
        text, names = gzip.decompress(file.read_bytes()).decode(), set()
        for old in sorted(others, key=len, reverse=True):
            if old in text:
                text = text.replace(old, others[old])
                names.add(others[old])
        document = from_json(text.encode())
        for dictionary in dictionaries:
            document = named(document, dictionary)
        yield document, names


def _others(chance: random.Random) -> Mapping[str, str]:
    """For each name of more than one character another that is as long."""
    parts = [name.split() for name in names_of_the_inbox()["persons"]]
    named_so = {part: words for name in parts for part, words in zip(name, (_FAMILY, _GIVEN), strict=False)}
    alike = {
        part: [word for word in words.split() if len(word) == len(part)]
        for part, words in named_so.items()
        if len(part) > 1
    }
    return {part: chance.choice(words) for part, words in alike.items() if words}


if __name__ == "__main__":
    main()
