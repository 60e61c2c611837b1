"""What decides how a page is read, in one short name: equal names read the same bytes alike."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from ocr.engines import Engine
from ocr.limits import Limits


def reading_fingerprint(engine: Engine, limits: Limits) -> str:
    """The engine's name and a digest of its versions and settings, the limits, and this package's source.

    The source stands for a version number that nobody can forget to raise: what was read by other
    clean-up or structure code is read again.
    """
    told = "\n".join([engine.fingerprint, repr(limits), _source_digest()])
    return f"{engine.name}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


@cache
def _source_digest() -> str:
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
