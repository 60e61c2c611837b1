"""A small application of our own: call notes with one sentence that matters among some that do not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from transformers import BertConfig, BertModel

from nlu.application.application import Application
from nlu.records.record import Record, Span

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

SHEET = """大分類,中分類,小分類,定義,キーワード
ニーズあり,新規契約,契約外,新しい契約や追加の費用が要る要望,見積、追加契約
できないこと,機能要望,追加機能,製品にまだない機能への要望,機能、改善
その他,その他,その他,どれにも当たらない,
"""

SETTINGS = """
name = "small"
title = "小さな例"
encoder = "{encoder}"

[[tasks]]
name = "needs"
type = "classification"
labels = "labels.csv"
other = "その他"
evidence = true

[[tasks]]
name = "topics"
type = "classification"
labels = "labels.csv"
other = "その他"
multi_label = true
evidence = true

[[tasks]]
name = "urgency"
type = "score"
minimum = 0
maximum = 4

[selection]
max_tokens = {max_tokens}

[training]
epochs = {epochs}
folds = 1
seed = {seed}
learning_rate = 2e-3
trainable_layers = 2
other_ratio = 1.0
"""

_OPENINGS = (
    "お世話になっております。",
    "先ほどお電話をいただいた件です。",
    "毎度ありがとうございます。",
    "札幌支店の田中様より入電。",
)
_CLOSINGS = ("よろしくお願いします。", "折り返しは不要とのことでした。", "以上、記録します。")
_MATTERS = {
    "契約外": (
        "来月から席を五つ増やしたいので見積書を送ってほしい。",
        "別の拠点でも使いたいので新しく契約したいとのこと。",
        "上位のプランへの変更にいくらかかるか知りたい。",
        "オプションを追加で申し込みたい。",
        "台数を増やすときの料金を提示してほしいと言われた。",
        "子会社の分も契約したいそうだ。",
    ),
    "追加機能": (
        "帳票を一括で印刷できるようにしてほしい。",
        "スマホからも承認できないと困るという声だった。",
        "検索の結果を並べ替えられないのは不便だと言う。",
        "外国語の画面がないので対応してほしい。",
        "取り消しの履歴が残らないため改善を望んでいる。",
        "他のソフトとつながらないのが不満とのこと。",
    ),
    "その他": (
        "請求書が届いたとの連絡だった。",
        "担当者は席を外していた。",
        "先日の訪問のお礼を言われた。",
        "電話番号を間違えたとのこと。",
        "見積は見送ると言われた。",
        "機能については説明して納得いただいた。",
    ),
}
_URGENCY = {"契約外": 2.0, "追加機能": 3.0, "その他": 0.0}
_HELD_OUT = 2


def small_application(
    folder: Path, encoder: str = "bundled", *, epochs: int = 6, seed: int = 13, max_tokens: int = 128
) -> Application:
    """The application, written into `folder` and read back."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "labels.csv").write_text(SHEET, encoding="utf-8-sig")
    settings = SETTINGS.format(encoder=encoder, epochs=epochs, seed=seed, max_tokens=max_tokens)
    (folder / "app.toml").write_text(settings, encoding="utf-8")
    return Application.load(folder)


def small_records(count: int, part: str) -> tuple[Record, ...]:
    """Records of "train" or of "dev": the last phrases of each label are kept for dev."""
    return tuple(_records(count, part))


def _records(count: int, part: str) -> Iterator[Record]:
    drawn = random.Random(part)
    for number in range(count):
        label = drawn.choices(tuple(_MATTERS), (2, 2, 5))[0]
        phrases = _MATTERS[label]
        matter = drawn.choice(phrases[:-_HELD_OUT] if part == "train" else phrases[-_HELD_OUT:])
        before = drawn.choice(_OPENINGS) + drawn.choice(_MATTERS["その他"][:3])
        text = before + matter + drawn.choice(_CLOSINGS)
        span = (Span(len(before), len(before) + len(matter)),) if label != "その他" else ()
        yield Record(
            id=f"{part}-{number}",
            text=text,
            labels={"needs": (label,), "topics": (label,)},
            scores={"urgency": _URGENCY[label]},
            evidence={"needs": span, "topics": span},
        )


def random_encoder(folder: Path, tokenizer: PreTrainedTokenizerFast, *, seed: int = 0) -> str:
    """A small BERT with random weights as a folder: it learns little, but loads and runs at once."""
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=160,
        pad_token_id=tokenizer.pad_token_id,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)
