"""`yomitori encoders check`: whether an encoder will do, before anybody trains on it."""

from __future__ import annotations

from rich.console import Console

from pipeline.commands.models.refusals import refusals
from pipeline.errors import BadInputError


def check_encoder_folder(name: str, console: Console) -> None:
    """Prints what the encoder is and costs. Raises CommandError where it cannot be used."""
    with refusals():
        from nlu.encoders.checking import check_encoder
        from nlu.encoders.loading import one_thread

        one_thread()
        found = check_encoder(name)
    for line in (
        f"種類: {found.architecture}、{found.layers} 層、{found.hidden} 次元、"
        f"パラメータ {found.parameters / 1e6:.0f} 百万、語彙 {found.vocabulary}",
        f"一度に読める長さ: {found.window} トークン",
        f"96 トークンの文章 1 件に {found.milliseconds:.0f} ミリ秒（1 スレッド）、"
        f"学習に使うメモリの目安 {found.memory / 1024:.1f} GiB",
    ):
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    if found.problems:
        raise BadInputError(f"エンコーダ「{name}」は使えません。\n" + "\n".join(found.problems))
    console.print("使えます。app.toml の encoder に書いて学習してください。", highlight=False)
