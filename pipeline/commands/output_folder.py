"""A folder that a command is to write into, checked before the work begins."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from pipeline.errors import CommandError


def check_output_folder(folder: Path, belongs: Collection[str] = ()) -> None:
    """Raises CommandError where `folder` can hold no files, or holds other things.

    Where names are given, a folder that holds anything must hold one that `belongs` to what is written: so
    that a model is not spread among other things.
    """
    if any(place.is_file() for place in (folder, *folder.parents)):
        raise CommandError(f"{folder} はファイルです。フォルダを指定してください。")
    try:
        held = {path.name for path in folder.iterdir()} if folder.exists() else set()
    except OSError as error:
        raise _unwritable(folder, error) from error
    if belongs and held and held.isdisjoint(belongs):
        raise CommandError(
            f"{folder} には別のもの（{min(held)} など）が入っています。-o に空のフォルダか、"
            "書き直すモデルのフォルダを指定してください。"
        )


def make_output_folder(folder: Path) -> None:
    """Makes `folder` where it does not exist. Raises CommandError."""
    check_output_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> CommandError:
    return CommandError(f"{folder} に書けません（{error.strerror}）。場所と書き込み権限を確かめてください。")
