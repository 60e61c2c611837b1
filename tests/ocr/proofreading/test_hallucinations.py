"""Inventions of a recogniser told from what is printed in rows on purpose."""

from __future__ import annotations

import pytest

from ocr.proofreading.hallucinations import is_invention


@pytest.mark.parametrize(
    "text",
    [
        "ーーーーーーーー",
        "備考ーーーーーー",
        "。。。。。。",
        "00000000",
        "一一一一一",
        "一二一ー一",
        "ののののの件",
        "田田田田",
        "の件のの件のの件のの件のの件の",
        "株式会社株式会社株式会社",
        "ありますのでありますのでありますので",
    ],
)
def test_inventions_are_told(text: str) -> None:
    assert is_invention(text)


@pytest.mark.parametrize(
    "text",
    [
        "目次……………………3",
        "概要・・・・・・・・・・12",
        "==========",
        "--------------------",
        "＊＊＊＊＊ 社外秘 ＊＊＊＊＊",
        "1000000円",
        "売上 11,111,111",
        "〒000-0000 TEL 03-0000-0000",
        "○○○株式会社　△△△部",
        "時々、少々、様々な",
        "残念です。。。",
        "え、なんですか？？？？",
        "ピーピーピーと鳴る",
        "はい、はい、はい",
        "____________様",
        "xxxx-xxxx",
        "第一回　一一〇番",
        "二〇二四年十二月二十三日",
    ],
)
def test_rows_that_are_printed_are_not(text: str) -> None:
    assert not is_invention(text)
