"""`yomitori ocr`: files in; text, structure, a searchable PDF or pictures out."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from ocr.document import Document
from ocr.errors import FailureCategory, ReadingError
from ocr.joining import join
from ocr.limits import Limits
from ocr.parting.document_parts import Split, parts_of
from ocr.processes.supervised_reader import SupervisedReader
from ocr.reading.whole import whole
from pipeline.commands.reading.inputs import Inputs, PageRanges
from pipeline.commands.reading.outputs import Output
from pipeline.commands.reading.reading_progress import OcrProgress
from pipeline.errors import BadInputError, CommandError
from pipeline.exit_codes import ExitCode
from pipeline.inbox.passwords import read_passwords


def read_files(
    asked: Inputs, output: Output, pages: PageRanges, engine: str, password_file: str | None
) -> ExitCode:
    """Reads `pages` of each file and writes what it found to `output`.

    Files and pages that cannot be read are named on standard error; the exit code tells whether all, some
    or none were read. Each line of `password_file` is tried on encrypted PDFs. Raises CommandError where the
    engine or that file is missing, or where the output cannot take the results.
    """
    files = asked.files
    output.check(len(files))
    if asked.left_out:
        print(f"対象外にしたファイルとフォルダ（一時ファイルなど）: {asked.left_out} 件", file=sys.stderr)
    if not files:
        print("読み取るファイルがありません。フォルダの場所を確かめてください。", file=sys.stderr)
        return ExitCode.NOTHING_TO_DO
    passwords = read_passwords(password_file)
    read = failed = 0
    with (
        SupervisedReader(engine, Limits(), passwords=passwords) as reader,
        OcrProgress(len(files), output.folder) as progress,
    ):
        for file in files:
            progress.begin(file.path)
            try:
                data = _bytes(file.path)
                document = _read(reader, data, pages, progress)
                output.write(reader, data, document, file)
            except (ReadingError, BadInputError) as error:
                if isinstance(error, ReadingError) and error.category is FailureCategory.ENGINE_MISSING:
                    raise CommandError(error.message) from error
                progress.tell(f"{file.path}: {error.args[-1]}")
                failed += 1
                continue
            for failure in document.failures:
                progress.tell(f"{file.path} {failure.page} ページ: {failure.message}")
            if attached := reader.inspect(data).attachments:
                advice = "必要なら取り出して指定してください。"
                progress.tell(f"{file.path}: 埋め込み・添付のファイル（{attached}個）は読みません。{advice}")
            progress.end(file.path, len(document.pages))
            failed += bool(document.failures)
            read += bool(document.pages)
    if not failed:
        return ExitCode.DONE
    return ExitCode.PARTIAL_SUCCESS if read else ExitCode.BAD_INPUT


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise BadInputError("ファイルがありません。名前と場所を確かめてください。") from error
    except OSError as error:
        message = f"ファイルを開けません（{error.strerror}）。場所と権限を確かめてください。"
        raise BadInputError(message) from error


def _read(reader: SupervisedReader, data: bytes, pages: PageRanges, progress: OcrProgress) -> Document:
    count = reader.inspect(data).pages
    numbers = pages.of(count)
    if not numbers:
        raise BadInputError(f"--pages の範囲にページがありません（全{count}ページ）。範囲を直してください。")
    parts = []
    for number in numbers:
        parts.append(reader.read(data, number, number))
        progress.page(len(parts), len(numbers))
    further = parts_of(join(parts), Split.AUTO)[1:]
    return replace(whole(parts), begins=tuple(part.first for part in further))
