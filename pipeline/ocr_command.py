"""`yomitori ocr`: files in, text or structure or pictures out."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from ocr import export
from ocr.document import Document, to_json
from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.supervised import SupervisedReader
from pipeline.errors import BadInputError, CommandError
from pipeline.exit_codes import ExitCode
from pipeline.passwords import read_passwords

_WRITERS: dict[str, tuple[str, Callable[[Document], str]]] = {
    "text": (".txt", export.to_text),
    "markdown": (".md", export.to_markdown),
    "json": (".json", lambda document: to_json(document, indent=2).decode()),
    "hocr": (".hocr", export.to_hocr),
}
OVERLAY = "overlay"


def read_files(
    paths: Sequence[Path], format: str, output: Path | None, engine: str, password_file: str | None
) -> ExitCode:
    """Reads each file and writes it in `format` into the folder `output`, or to standard output.

    Files and pages that cannot be read are named on standard error; the exit code tells whether all, some
    or none were read. Each line of `password_file` is tried on encrypted PDFs. Raises CommandError where the
    engine or that file is missing, BadInputError where a file or a folder for pictures is.
    """
    if format == OVERLAY and output is None:
        raise BadInputError("overlay は画像を書き出すフォルダが要ります: -o フォルダ を付けてください。")
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
    passwords = read_passwords(password_file)
    read = failed = 0
    with SupervisedReader(engine, Limits(), passwords=passwords) as reader:
        for path, name in zip(paths, _names(paths), strict=True):
            try:
                data = _bytes(path)
                document = reader.read(data)
                _write(reader, data, document, format, output, name)
            except ReadingError as error:
                if error.category is FailureCategory.ENGINE_MISSING:
                    raise CommandError(error.message) from error
                print(f"{path}: {error.message}", file=sys.stderr)
                failed += 1
                continue
            for failure in document.failures:
                print(f"{path} {failure.page} ページ: {failure.message}", file=sys.stderr)
            failed += bool(document.failures)
            read += bool(document.pages)
    if not failed:
        return ExitCode.DONE
    return ExitCode.PARTIAL_SUCCESS if read else ExitCode.BAD_INPUT


def _names(paths: Sequence[Path]) -> list[str]:
    """A name for the output of each file: its own without the ending, numbered where it comes again."""
    seen: Counter[str] = Counter()
    names = []
    for path in paths:
        seen[path.stem] += 1
        names.append(path.stem if seen[path.stem] == 1 else f"{path.stem}({seen[path.stem]})")
    return names


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path}: ファイルを開けません({error.strerror})。場所と権限を確かめてください。"
        raise BadInputError(message) from error


def _write(
    reader: SupervisedReader, data: bytes, document: Document, format: str, output: Path | None, name: str
) -> None:
    if format == OVERLAY and output is not None:
        for page in document.pages:
            (output / f"{name}-{page.number}.jpg").write_bytes(reader.picture(data, page))
        return
    ending, write = _WRITERS[format]
    text = write(document)
    if output is None:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
    else:
        (output / f"{name}{ending}").write_text(text, encoding="utf-8")
