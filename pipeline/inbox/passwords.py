"""The passwords that open encrypted PDFs: a text file, one a line.

They are read where they are needed and kept in memory alone: no setting, fingerprint or log holds them.
"""

from __future__ import annotations

from pipeline.errors import CommandError


def read_passwords(path: str | None) -> tuple[str, ...]:
    """The lines of the file (UTF-8, a path or URI) that are not empty; none where `path` is None.

    Raises CommandError where the file cannot be read.
    """
    from pipeline import files

    if path is None:
        return ()
    try:
        text = files.read(path).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(
            f"パスワードのファイルを読めません: {path}。"
            "場所と権限を確かめ、UTF-8のテキスト（1行に1つのパスワード）で保存してください。"
        ) from error
    return tuple(line for line in text.splitlines() if line)
