"""`yomitori ocr`: files in, text or structure or pictures out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ocr.supervised import SupervisedReader

from ocr import export
from ocr.document import Document, to_json
from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from pipeline.errors import BadInputError
from pipeline.exit_codes import ExitCode

_WRITERS: dict[str, tuple[str, Callable[[Document], str]]] = {
    "text": (".txt", export.to_text),
    "markdown": (".md", export.to_markdown),
    "json": (".json", lambda document: to_json(document, indent=2).decode()),
    "hocr": (".hocr", export.to_hocr),
}
OVERLAY = "overlay"


def read_files(paths: Sequence[Path], format: str, output: Path | None, engine: str) -> ExitCode:
    """Reads each file and writes it in `format` into the folder `output`, or to standard output.

    Pictures need a folder. Files and pages that cannot be read are named on standard error; the exit code
    tells whether all, some or none were read. Raises BadInputError where pictures have no folder.
    """
    if format == OVERLAY and output is None:
        raise BadInputError("overlay は画像を書き出すフォルダが要ります: -o フォルダ を付けてください。")
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
    read = failed = 0
    with SupervisedReader(engine, Limits()) as reader:
        for path in paths:
            try:
                document = _read(reader, path, format, output)
            except ReadingError as error:
                if error.category is FailureCategory.ENGINE_MISSING:
                    raise BadInputError(error.message) from error
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


def _read(reader: SupervisedReader, path: Path, format: str, output: Path | None) -> Document:
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"ファイルを開けません({error.strerror})。場所と権限を確かめてください。"
        raise BadInputError(f"{path}: {message}") from error
    pages = reader.inspect(data).pages
    document = reader.read(data, 1, pages)
    if format == OVERLAY:
        assert output is not None
        for page in document.pages:
            (output / f"{path.stem}-{page.number}.jpg").write_bytes(reader.picture(data, page))
        return document
    ending, write = _WRITERS[format]
    text = write(document)
    if output is None:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
    else:
        (output / f"{path.stem}{ending}").write_text(text, encoding="utf-8")
    return document
