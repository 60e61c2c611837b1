"""What an operator reads for the reasons of a plan."""

from __future__ import annotations

from pipeline.due.plan import Reason, Skip

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
