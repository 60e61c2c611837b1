"""A report on disk."""

from __future__ import annotations

import json
from pathlib import Path

from nlu.evaluation.report.markdown import to_markdown
from nlu.evaluation.report.report_data import Report

PAGE_FILE = "evaluation.html"
JSON_FILE = "evaluation.json"
MARKDOWN_FILE = "evaluation.md"


def write_report(report: Report, folder: Path) -> Path:
    """Write the page, its pictures, and the figures as JSON and Markdown into `folder`, which is made where
    it does not exist. Returns the path of the page."""
    # Drawing is for those who report; the figures alone are wanted in every epoch of training.
    from nlu.evaluation.report.charts import charts
    from nlu.evaluation.report.report_page import page

    folder.mkdir(parents=True, exist_ok=True)
    pictures = charts(report)
    for name, picture in pictures.items():
        (folder / name).write_bytes(picture)
    content = json.dumps(report.to_json(), ensure_ascii=False, indent=1)
    (folder / JSON_FILE).write_text(content + "\n", encoding="utf-8")
    (folder / MARKDOWN_FILE).write_text(to_markdown(report.evaluation), encoding="utf-8")
    target = folder / PAGE_FILE
    target.write_text(page(report, pictures), encoding="utf-8")
    return target
