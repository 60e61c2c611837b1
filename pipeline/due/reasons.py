"""Why documents are due or passed over, with the words that operators read."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a document is due; the order is that in which a bounded run takes them."""

    NEW = "new"
    CHANGED = "changed"
    """A known name holds other bytes."""
    RENAMED = "renamed"
    """Known bytes have another name, or other copies, or came back: no page is read."""
    UNDERSTANDING = "understanding"
    """A model, label sheet or application has changed: no page is read."""
    READING = "reading"
    """Pages would be read otherwise than they were."""
    RETRY = "retry"
    """It failed, and another try may help."""


class Skip(StrEnum):
    """Why a listed file is not worked on."""

    UNCHANGED = "unchanged"
    FAILED_FOR_GOOD = "failed_for_good"
    """The same bytes would fail again, or have failed too often."""
    QUARANTINED = "quarantined"
    OUT_OF_BOUNDS = "out_of_bounds"
    """Not among the dates or reasons that were asked for; it stays due."""
    WAITING = "waiting"
    """Beyond the pages that were asked for; it stays due."""


REASONS = {
    Reason.NEW: "新着",
    Reason.CHANGED: "内容の変更",
    Reason.RENAMED: "名前・写しの変更、復帰",
    Reason.UNDERSTANDING: "モデル・アプリケーションの変更",
    Reason.READING: "読み取り方法の変更",
    Reason.RETRY: "失敗の再試行",
}
SKIPS = {
    Skip.UNCHANGED: "変更なし",
    Skip.FAILED_FOR_GOOD: "失敗のまま（再試行しても変わらない、または回数切れ）",
    Skip.QUARANTINED: "隔離中（ワーカーを繰り返し停止させた）",
    Skip.OUT_OF_BOUNDS: "指定の範囲外（次の機会に処理）",
    Skip.WAITING: "ページ数の上限を超える分（次回に処理）",
}
LEFT_OUT = "対象外のファイルとフォルダ（一時ファイル、隠しファイル、--exclude など）"
