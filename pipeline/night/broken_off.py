"""A run that ends in an error tells of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ocr.traces import said
from pipeline.errors import CommandError, RunBrokenError


@contextmanager
def broken_off() -> Iterator[None]:
    """Whatever stops the body, such as what a runner's workers raised, becomes a RunBrokenError."""
    try:
        yield
    except CommandError:
        raise
    except Exception as error:
        raise RunBrokenError(
            f"実行が途中で止まりました: {said(error)}。公開済みの表は変えていません。"
            "原因を取り除いて同じコマンドをもう一度実行してください（読み取り済みのページは再利用します）。"
        ) from error
