"""Who fills in the papers of `parting`: persons, days, numbers and words, all invented."""

from __future__ import annotations

import random
from dataclasses import dataclass

from fixtures.drawing.drawn_forms import STYLES
from fixtures.drawing.drawn_sheet import DrawnSheet

FONTS = ("gothic", "mincho", "gothic-fixed", "mincho-fixed")
FAMILY = (
    "佐藤",
    "鈴木",
    "長谷部",
    "能登",
    "小俣",
    "三浦",
    "堀江",
    "松永",
    "岩切",
    "黒木",
    "梶原",
    "刈谷",
    "石動",
    "菅野",
)
GIVEN = ("光一", "まどか", "健", "千夏", "透", "望", "沙織", "樹", "恵", "隼人", "稔", "誠")
FIRMS = (
    "株式会社ハヤセ園芸",
    "有限会社サルスベリ書房",
    "ミササギ紙器株式会社",
    "カネサ水産加工株式会社",
    "オオツチ計測株式会社",
    "クレハマ塗装",
    "株式会社トヨサカ造園",
    "ナルトザカ家電",
    "フタバノ医材株式会社",
    "北瀬運輸有限会社",
)
GOODS = (
    "測定器",
    "梱包テープ",
    "感熱ラベル",
    "コピー用紙",
    "軍手",
    "作業灯",
    "折りたたみ台車",
    "延長コード",
    "安全靴",
    "清掃用具",
)
REMARKS = (
    "作業は予定どおり終わりました。部品の在庫が少ないため、来週までに発注します。",
    "先方より納期を早めてほしいとの希望があり、工場と相談して回答することにした。",
    "説明が分かりやすく、助かりました。待ち時間がもう少し短いとうれしいです。",
    "配線の被覆に傷があったため交換した。ほかに異常はない。次回は三月に行う。",
    "入口の照明が暗く、夜は足元が見えにくいです。駐車場の案内も増やしてください。",
    "請求書の宛名が以前のままになっているので、次の月から直してほしいとのこと。",
)


@dataclass(frozen=True, slots=True)
class FilledPaper:
    """A document as its sheets; `kind` groups it in the report."""

    name: str
    kind: str
    sheets: tuple[DrawnSheet, ...]


class Clerk:
    """Fills forms in: invents persons, days and numbers, each unlike the last."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self._number = chance.randint(100, 900)

    def one_of(self, options: tuple[str, ...]) -> str:
        return self.chance.choice(options)

    def person(self) -> str:
        return f"{self.one_of(FAMILY)} {self.one_of(GIVEN)}"

    def day(self) -> str:
        month, day = self.chance.randint(1, 12), self.chance.randint(1, 28)
        return self.one_of(
            (
                f"令和6年{month}月{day}日",
                f"2024年{month}月{day}日",
                f"2024/{month:02}/{day:02}",
                f"R6.{month}.{day}",
            )
        )

    def number(self) -> str:
        self._number += self.chance.randint(1, 9)
        return self.one_of((f"{self._number:05}", f"24-{self._number:04}", f"{self._number}"))

    def remark(self) -> str:
        return "".join(self.chance.sample(REMARKS, self.chance.randint(1, 3)))

    def amount(self) -> str:
        return f"{self.chance.randint(3, 900) * 100:,}円"

    def style(self, *names: str) -> str:
        return self.one_of(names or tuple(STYLES))
