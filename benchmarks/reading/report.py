"""The figures as tables on a console."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import mean

from rich.table import Table

from benchmarks.reading.costs import WORKERS, Throughput
from benchmarks.reading.readers import PYTESSERACT, RAPIDOCR, YOMITORI
from benchmarks.reading.scores import DocumentScore
from fixtures.comparing.order import OrderErrors
from fixtures.comparing.page_score import PageScore, error_rate, letter_error_rate, roc_area, seconds_a_page
from fixtures.comparing.teds import Matches

FINE, COARSE = "printed, 200-300 dpi", "printed, 150 dpi"
Scores = Mapping[str, Sequence[PageScore]]


def table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table whose first column is text and whose others are figures."""
    drawn = Table(title=title, title_justify="left")
    for number, heading in enumerate(headings):
        drawn.add_column(heading, justify="right" if number else "left")
    for row in rows:
        drawn.add_row(*row)
    return drawn


def accuracy(scores: Scores) -> Table:
    """CER by kind of page and reader, after the stroke with the order put aside; in brackets of how many
    pages where a peer read a part of them."""
    own = scores[YOMITORI]
    kinds = {
        kind: _of_kind(kind) for kind in sorted({score.kind for score in own if score.errors.characters})
    }
    kinds |= {FINE: is_fine, COARSE: is_coarse, "all scans": lambda score: score.dpi is not None}
    rows = []
    for kind, belongs in kinds.items():
        pages = [score for score in own if belongs(score)]
        if pages:
            cells = (_rate([s for s in found if belongs(s)], len(pages)) for found in scores.values())
            rows.append((kind, str(len(pages)), *cells))
    return table("Character error rate / order aside", ("kind of page", "pages", *scores), rows)


def _of_kind(kind: str) -> Callable[[PageScore], bool]:
    return lambda score: score.kind == kind


def is_fine(score: PageScore) -> bool:
    return score.printed and score.dpi is not None and score.dpi >= 200


def is_coarse(score: PageScore) -> bool:
    return score.printed and score.dpi == 150


def _rate(found: Sequence[PageScore], pages: int) -> str:
    if not found:
        return "-"
    rate = f"{error_rate(found):.4f} / {letter_error_rate(found):.4f}"
    return rate if len(found) == pages else f"{rate} ({len(found)})"


def costs(scores: Scores, references: Mapping[str, Mapping[str, float]]) -> Table:
    """CPU seconds by reader: of the pages that all readers read, and of the reference pages; ratios to both
    peers."""
    shared = _scans_of_all(scores)
    columns = {f"scans read by all ({len(shared)})": {n: _mean_of(s, shared) for n, s in scores.items()}}
    columns |= {title: dict(seconds) for title, seconds in references.items()}
    rows = []
    for name in scores:
        row = [name]
        for seconds in columns.values():
            row.append(f"{seconds[name]:.2f}" if name in seconds else "-")
            row.extend(_ratio(seconds, name, peer) for peer in (RAPIDOCR, PYTESSERACT))
        rows.append(row)
    headings = [h for column in columns for h in (column, "of rapidocr", "of pytesseract")]
    return table("CPU seconds a page, one thread", ("reader", *headings), rows)


def _scans_of_all(scores: Scores) -> set[str]:
    sets = [{score.name for score in found if score.dpi is not None} for found in scores.values()]
    return set.intersection(*sets)


def _mean_of(found: Sequence[PageScore], names: set[str]) -> float:
    chosen = [score for score in found if score.name in names]
    return seconds_a_page(chosen) if chosen else 0.0


def _ratio(seconds: Mapping[str, float], name: str, peer: str) -> str:
    if peer not in seconds or name not in seconds or not seconds[peer]:
        return "-"
    return f"{seconds[name] / seconds[peer]:.2f}"


def structure(found: Mapping[str, tuple[Sequence[PageScore], Sequence[DocumentScore]]]) -> Table:
    """Fields, tables and order by reader, of those that tell them."""
    rows = []
    for name, (pages, documents) in found.items():
        if all(score.order is None for score in pages):
            continue
        fields = sum((score.fields for score in documents), Matches())
        similar = [value for score in documents for value in score.tables]
        orders = sum((score.order for score in pages if score.order is not None), OrderErrors())
        rows.append(
            (
                name,
                str(fields.true),
                f"{fields.right / max(1, fields.true):.3f}",
                f"{fields.right / max(1, fields.found):.3f}",
                f"{fields.f1:.3f}",
                str(len(similar)),
                f"{mean(similar):.3f}" if similar else "-",
                f"{orders.misplaced}/{orders.lines}",
            )
        )
    headings = ("reader", "fields", "recall", "precision", "F1", "tables", "TEDS", "lines out of order")
    return table("Structure", headings, rows)


def decisions(scores: Sequence[PageScore]) -> Table:
    """Orientation, skew, where the text came from, and what confidence is worth."""
    turns = [score.rotation for score in scores if score.rotation is not None]
    skews = [score.skew_error for score in scores if score.skew_error is not None]
    sources = [score.source for score in scores if score.source is not None]
    areas = [roc_area(scores), roc_area(scores, any_order=True)]
    told = ", ".join("-" if area is None else f"{area:.3f}" for area in areas)
    rows = [
        ("pages turned wrongly", f"{sum(true != found for true, found in turns)}/{len(turns)}"),
        ("skew error, mean and worst (degrees)", f"{mean(skews):.2f}, {max(skews):.2f}" if skews else "-"),
        ("text taken from the wrong place", f"{sum(t != f for t, f, _ in sources)}/{len(sources)}"),
        *((f"  reason {why}", str(count)) for why, count in sorted(Counter(r for *_, r in sources).items())),
        ("ROC area of page confidence, OCR pages; order aside", told),
    ]
    return table(f"Decisions ({YOMITORI})", ("", "figure"), rows)


def speed(found: Throughput) -> Table:
    rows = [
        ("pages a second by the clock", f"{found.pages / found.wall:.2f}"),
        ("pages a second by CPU time, were the cores its own", f"{WORKERS * found.pages / found.cpu:.2f}"),
        ("largest worker, MiB", f"{found.peak_mib:.0f}"),
    ]
    return table(f"{WORKERS} workers over {found.pages} scanned pages", ("", "figure"), rows)


def worst_pages(scores: Sequence[PageScore], documents: Sequence[DocumentScore]) -> Table:
    """Every page that is not as it should be, worst first, with what is wrong."""
    notes: dict[str, list[str]] = {}
    for score in sorted(scores, key=lambda score: -score.errors.rate):
        if score.errors.wrong:
            note = f"CER {score.errors.rate:.4f} ({score.errors.wrong}; {score.letters.wrong} order aside)"
            notes.setdefault(score.name, []).append(note)
        if score.order is not None and score.order.misplaced:
            notes.setdefault(score.name, []).append(f"{score.order.misplaced} lines out of order")
        if score.rotation is not None and score.rotation[0] != score.rotation[1]:
            notes.setdefault(score.name, []).append(f"turned by {score.rotation[1]}, not {score.rotation[0]}")
        if score.skew_error is not None and score.skew_error > 0.3:
            notes.setdefault(score.name, []).append(f"skew off by {score.skew_error:.1f}")
        if score.source is not None and score.source[0] != score.source[1]:
            notes.setdefault(score.name, []).append("{1} ({2}), not {0}".format(*score.source))
    for found in documents:
        if found.missed or found.invented:
            note = f"fields missed {', '.join(found.missed)}; found {', '.join(found.invented)}"
            notes.setdefault(found.name, []).append(note)
        if any(value < 1 for value in found.tables):
            note = "TEDS " + ", ".join(f"{value:.3f}" for value in found.tables)
            notes.setdefault(found.name, []).append(note)
    drawn = Table(title="Page by page", title_justify="left", show_lines=True)
    drawn.add_column("page")
    drawn.add_column("what is wrong")
    for name, wrong in notes.items():
        drawn.add_row(name, "\n".join(wrong))
    return drawn
