"""Whether a run has where to write, asked before its first page."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

from pipeline import files
from pipeline.errors import CommandError

PAGE_BYTES = 60_000
"""What a page leaves behind: what OCR read, its rows while they are staged, and its rows in the tables."""
PICTURE_BYTES = 400_000
_RESERVE_BYTES = 100_000_000  # so that a run that needs little leaves room for the system


def make_output(out: str) -> None:
    """Makes the folder (or finds it) and tries to write into it. Raises CommandError."""
    probe = files.join(out, f".probe-{uuid.uuid4().hex}")
    try:
        files.write_whole(probe, b"")
        files.remove_tree(probe)
    except OSError as error:
        raise CommandError(
            f"出力先に書き込めません: {out}({error.strerror or error})。場所と権限を確かめてください。"
        ) from error


def check_room(out: str, pages: int, pictures: bool = False) -> None:
    """Compares what is free at a local `out` with what reading and publishing `pages` pages may need.

    A publish may rewrite every partition of the tables beside the version that is read meanwhile, so the
    tables count once more. Raises CommandError. Other filesystems have no bounds to ask for.
    """
    if "://" in out:
        return
    tables = sum(file.stat().st_size for file in Path(out).glob("tables/*/dt=*/*.parquet"))
    needed = _RESERVE_BYTES + tables + pages * (PAGE_BYTES + (PICTURE_BYTES if pictures else 0))
    free = shutil.disk_usage(out).free
    if free < needed:
        raise CommandError(
            f"出力先の空き容量が足りません: {out}(空き {free / 1e6:,.0f} MB、{pages:,} ページに必要な見込み "
            f"{needed / 1e6:,.0f} MB)。空きを増やすか、--limit-pages でページを減らしてください。"
        )
