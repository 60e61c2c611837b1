"""How often a document was in the hands of a process that died or hung, kept in OUT/.state/strikes.json.

A document that kills its worker would break off every night. With MOST_STRIKES it is put aside, named in the
summary, and not tried again until its bytes change or an operator asks for it.

A worker dies with all documents that it holds, the innocent among them; so that these are not put aside,
those with a strike are worked on apart from all others and one at a time (one worker, batches of one): the
next strike falls on the guilty alone, and who comes through is cleared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from pipeline import files
from pipeline.inbox.failures import Failure, Stage
from pipeline.inbox.listing import ListedFile

MOST_STRIKES = 3
QUARANTINED = "quarantined"


def read_strikes(out: str) -> dict[str, int]:
    """doc_id -> strikes, none where none were counted. Raises OSError where OUT cannot be read."""
    try:
        path = _path(out)
        content = json.loads(files.read(path)) if files.exists(path) else {}
        return {str(doc_id): int(count) for doc_id, count in content.items()}
    except (ValueError, AttributeError, TypeError):
        return {}  # written by another hand: lost counts cost some tries, a refusal the night


def add_strikes(out: str, doc_ids: Iterable[str]) -> dict[str, int]:
    """Counts one more strike against each document and returns the counts of all. Raises OSError."""
    strikes = read_strikes(out)
    struck = {doc_id: strikes.get(doc_id, 0) + 1 for doc_id in set(doc_ids)}
    if struck:
        _write(out, strikes | struck)
    return strikes | struck


def clear_strikes(out: str, doc_ids: Iterable[str]) -> None:
    """Forgets the strikes of documents that came through, or that an operator wants tried again.

    Raises OSError.
    """
    strikes, cleared = read_strikes(out), set(doc_ids)
    left = {doc_id: count for doc_id, count in strikes.items() if doc_id not in cleared}
    if left != strikes:
        _write(out, left)


def quarantine(doc_id: str, file: ListedFile) -> Failure:
    """What the table of failures says of a document that is put aside."""
    return Failure(
        doc_id,
        file,
        Stage.DIGITIZE,
        QUARANTINED,
        None,
        False,
        f"処理中に作業プロセスが {MOST_STRIKES} 回続けて異常終了したため、隔離しました。"
        "次回からは処理しません。"
        "ファイルを開いて確かめ、作り直したものに差し替えてください。"
        "同じファイルのまま試すには yomitori retry --category quarantined を実行してください。",
    )


def _path(out: str) -> str:
    return files.join(out, ".state", "strikes.json")


def _write(out: str, strikes: Mapping[str, int]) -> None:
    content = json.dumps(dict(sorted(strikes.items())), indent=1).encode()
    files.write_whole(_path(out), content, durable=True)
