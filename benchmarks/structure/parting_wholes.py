"""Documents of several pages drawn for `benchmarks.structure.stacks` that must stay whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.structure.parting_clerk import FIRMS, FONTS, GOODS, REMARKS, Clerk, FilledPaper
from fixtures.drawing.drawn_forms import STYLES, FormCell, FormContent, FormTable, Row, draw_form, draw_grid
from fixtures.drawing.drawn_sheet import PAPERS, DrawnSheet, SheetPen
from fixtures.drawing.prose import draw_prose

CLAUSES = (
    "目的",
    "業務の内容",
    "委託料",
    "再委託の禁止",
    "報告義務",
    "秘密保持",
    "損害賠償",
    "契約の解除",
    "有効期間",
    "協議",
)
FILLING = (
    "甲は、乙に対し、本契約に定める業務を委託し、乙はこれを受託する。乙は、善良な管理者の注意をもって業務を行う。",
    "乙は、業務を実施したつど、甲の定める様式による報告書を作成し、実施の日から五営業日以内に甲に提出する。",
    "前項の規定にかかわらず、甲が必要と認めるときは、乙と協議のうえ業務の内容を変更することができる。",
    "賠償額は、損害の発生した日の前十二か月に甲が支払った委託料の総額を上限とし、双方の協議により定める。",
)
OPINIONS = (
    "売上は前年の同じ月を六ポイント上回り、計画に対しては九件の不足となった。主な理由は季節の要因である。",
    "調査は四月から六月にかけて三つの拠点で行い、聞き取りの対象は四十二名であった。",
    "費用の内訳をみると、物流に関わるものが三割を占め、前の期から増えている。",
    "今後は在庫の持ち方を見直し、発注の点を週ごとに改めることを提案する。",
    "回答のうち七割が現在の手順に満足していると答えたが、夜間の受付を望む声も多い。",
)


def _paper(name: str, sheets: Sequence[DrawnSheet]) -> FilledPaper:
    return FilledPaper(name, "whole", tuple(sheets))


def _prose(clerk: Clerk, body: str, font: str) -> list[DrawnSheet]:
    return draw_prose(body, PAPERS["A4"], font)


def _without_numbers(sheets: Sequence[DrawnSheet]) -> list[DrawnSheet]:
    """The sheets without the number at their foot, which is the last thing written on each."""
    return [DrawnSheet(s.width, s.height, s.marks[:-1], s.text[:-1], s.fields, s.tables) for s in sheets]


def _clauses(clerk: Clerk, count: int) -> str:
    return "\n".join(
        f"## 第{number}条（{clerk.one_of(CLAUSES)}）\n" + "\n".join(clerk.chance.sample(FILLING, 3))
        for number in range(1, count + 1)
    )


def contract(clerk: Clerk) -> FilledPaper:
    font = clerk.one_of(FONTS)
    title = clerk.one_of(("業務委託契約書", "賃貸借契約書", "売買基本契約書", "秘密保持契約書"))
    one, other = clerk.one_of(FIRMS), clerk.one_of(FIRMS)
    body = (
        f"# {title}\n{one}（以下「甲」という。）と{other}（以下「乙」という。）は、"
        f"次のとおり契約を締結する。\n{_clauses(clerk, clerk.chance.randint(9, 22))}\n"
        f"本契約の成立を証するため、本書2通を作成する。\n{clerk.day()}\n> 甲 {one}\n> 乙 {other}"
    )
    sheets = _prose(clerk, body, font)
    return _paper("contract", sheets if clerk.chance.random() < 0.6 else _without_numbers(sheets))


def contract_with_annex(clerk: Clerk) -> FilledPaper:
    """Its annex is named at its head, numbered anew or not at all."""
    main = contract(clerk)
    font = clerk.one_of(FONTS)
    head = clerk.one_of(
        (
            "# 別紙\n# 業務仕様書",
            "# 別紙1　業務仕様書",
            "# （別紙）業務仕様書",
            "別紙\n# 個人情報取扱仕様書",
            "# 別添資料\n委託先への指示書",
        )
    )
    annex = _prose(
        clerk,
        f"{head}\n"
        + "\n".join(f"{n}. {clerk.one_of(FILLING)}" for n in range(1, clerk.chance.choice((8, 30)))),
        font,
    )
    if len(annex) > 1 and clerk.chance.random() < 0.5:
        annex = _without_numbers(annex)
    return _paper("contract with annex", (*main.sheets, *annex))


def report(clerk: Clerk) -> FilledPaper:
    """A cover, then chapters, each on a new page under a large title."""
    font = clerk.one_of(FONTS)
    chapters = clerk.chance.sample(
        ("調査の概要", "調査結果", "業務報告", "課題の整理", "改善提案書", "今後の計画", "費用の見積り"), 4
    )
    number = clerk.one_of(("第{}章　", "{}. ", "{}　", ""))
    numbered = clerk.chance.random() < 0.5
    cover = SheetPen(*PAPERS["A4"], font)
    title = clerk.one_of(("物流業務改善調査報告書", "令和6年度事業報告書", "顧客満足度調査 報告書"))
    cover.write(60, 250, title, 24, width=475, align="center")
    cover.write(60, 640, clerk.day(), 12, width=475, align="center")
    cover.write(60, 670, clerk.one_of(FIRMS), 12, width=475, align="center")
    sheets = [cover.sheet()]
    for n, chapter in enumerate(chapters, start=1):
        pen = SheetPen(*PAPERS["A4"], font)
        if clerk.chance.random() < 0.3:
            pen.write(60, 30, title, 8, width=475, align="right")
        pen.write(60, 70, number.format(n) + chapter, 18, width=475, align=clerk.one_of(("left", "center")))  # type: ignore[arg-type]
        y = 120.0
        for _ in range(clerk.chance.randint(4, 12)):
            y = pen.paragraph(60, y, clerk.one_of(OPINIONS), 10.5, 475, 18, indent=10.5) + 6
        if numbered:
            pen.write(60, 800, f"- {n} -", 9, width=475, align="center")
        sheets.append(pen.sheet())
    return _paper("report with chapters", sheets)


def minutes(clerk: Clerk) -> FilledPaper:
    topics = "\n".join(
        f"## {n} {clerk.one_of(('実績', '課題', '決定事項', 'その他', '次回の予定'))}\n"
        + "\n".join(clerk.chance.sample(OPINIONS, 4))
        for n in range(1, 9)
    )
    body = (
        f"# {clerk.one_of(('営業会議', '安全衛生委員会', '定例会'))} 議事録\n日時 {clerk.day()}\n"
        f"場所 本社会議室\n出席者 {clerk.person()}、{clerk.person()}\n{topics}\n> 以上"
    )
    sheets = _prose(clerk, body, clerk.one_of(FONTS))
    return _paper("minutes", sheets if clerk.chance.random() < 0.5 else _without_numbers(sheets))


def _rows(clerk: Clerk, count: int) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            clerk.one_of(GOODS),
            f"{clerk.chance.randint(1, 60)}",
            f"{clerk.chance.randint(1, 90) * 100:,}",
            clerk.amount(),
        )
        for _ in range(count)
    )


def invoice(clerk: Clerk) -> FilledPaper:
    """The same heading on every page; told to be one by page numbers, by its number, or by its date alone."""
    told = clerk.one_of(("pages", "number", "date"))
    title, font = clerk.one_of(("請求書", "御請求書", "納品書", "御見積書", "注文書")), clerk.one_of(FONTS)
    firm, day, number = clerk.one_of(FIRMS), clerk.day(), clerk.number()
    count = clerk.chance.randint(2, 4)
    style = STYLES[clerk.style("grid", "shaded", "open")]
    sheets = []
    for n in range(1, count + 1):
        pen = SheetPen(*PAPERS["A4"], font)
        pen.write(50, 40, title, 18, width=495, align="center")
        pen.write(50, 75, f"{firm} 御中", 11)
        if told != "date":
            pen.write(
                50,
                75,
                f"{clerk.one_of(('No.',)) if told == 'number' else '請求番号：'}{number}",
                9,
                width=495,
                align="right",
            )
        pen.write(50, 92, f"発行日：{day}", 9, width=495, align="right")
        pen.write(50, 108, "ミサゴ総合リース株式会社", 9, width=495, align="right")
        rows = _rows(clerk, 24 if n < count else clerk.chance.randint(2, 20))
        y = draw_grid(
            pen,
            FormTable((("品名", "数量", "単価", "金額"), *rows), (0.4, 0.15, 0.2, 0.25)),
            style,
            50,
            545,
            140,
        )
        pen.write(
            50, y + 10, f"{'合計' if n == count else '小計'} {clerk.amount()}", 10, width=495, align="right"
        )
        if told == "pages":
            place = clerk.chance.choice((20, 805))
            pen.write(50, place, f"{n}/{count}", 9, width=495, align="right")
        sheets.append(pen.sheet())
    return _paper("invoice of pages", sheets)


def letterhead(clerk: Clerk) -> FilledPaper:
    """A proposal under the same letterhead on every page."""
    font = clerk.one_of(FONTS)
    firm, mark = clerk.one_of(FIRMS), clerk.one_of(("社外秘", "CONFIDENTIAL", ""))
    sheets = []
    for n in range(clerk.chance.randint(3, 6)):
        pen = SheetPen(*PAPERS["A4"], font)
        pen.write(60, 28, firm, 13, width=475, align="center")
        pen.write(
            60, 46, "〒100-0000 美浜谷市中央二丁目8番1号 TEL 03-0000-1187", 8, width=475, align="center"
        )
        if mark:
            pen.write(60, 28, mark, 9, width=475, align="right")
        y = 90.0
        if n == 0:
            pen.write(60, y, "業務改善のご提案", 17, width=475, align="center")
            pen.write(60, y + 26, clerk.day(), 10, width=475, align="right")
            y += 50
        for _ in range(12):
            y = pen.paragraph(60, y, clerk.one_of(OPINIONS), 10.5, 475, 18, indent=10.5) + 6
        sheets.append(pen.sheet())
    return _paper("same letterhead", sheets)


def ledger(clerk: Clerk) -> FilledPaper:
    """A table that goes on, its title and header row repeated on every page."""
    font, style = clerk.one_of(FONTS), STYLES["shaded"]
    title = clerk.one_of(
        ("売上明細表（2024年4月度）", "在庫一覧表", "備品管理台帳", "得意先別売上一覧", "入電受付簿")
    )
    sheets = []
    pages = clerk.chance.randint(2, 5)
    for n in range(pages):
        pen = SheetPen(*PAPERS["A4"], font)
        pen.write(50, 40, title, 16, width=495, align="center")
        if clerk.chance.random() < 0.5:
            pen.write(50, 65, "大阪支店", 9, width=495, align="right")
        rows = tuple(
            (clerk.day(), *row) for row in _rows(clerk, 28 if n < pages - 1 else clerk.chance.randint(1, 20))
        )
        draw_grid(
            pen,
            FormTable((("日付", "品名", "数量", "単価", "金額"), *rows), (0.25, 0.3, 0.1, 0.15, 0.2)),
            style,
            50,
            545,
            90,
        )
        sheets.append(pen.sheet())
    return _paper("table over pages", sheets)


def procedure(clerk: Clerk) -> FilledPaper:
    """A manual with the same document-control block on every page."""
    font, style = clerk.one_of(FONTS), STYLES["grid"]
    number, day, count = f"SOP-{clerk.chance.randint(100, 999)}", clerk.day(), clerk.chance.randint(3, 6)
    title = clerk.one_of(("受入検査 作業手順書", "情報セキュリティ管理規程", "設備保全マニュアル"))
    told = clerk.chance.random() < 0.5
    sheets = []
    for n in range(1, count + 1):
        rows: tuple[Row, ...] = (
            (FormCell("文書番号", number), FormCell("制定日", day)),
            (FormCell("版数", "第3版"), FormCell("ページ", f"{n}/{count}" if told else "")),
            *(f"{n}.{m} {clerk.one_of(OPINIONS)}" for m in range(1, 8)),
        )
        sheets.append(draw_form(FormContent(title, rows), style, PAPERS["A4"], font))
    return _paper("procedure", sheets)


def statements(clerk: Clerk) -> FilledPaper:
    """The statements of a year, each under a large title of its own."""
    font, style = clerk.one_of(FONTS), STYLES["grid"]
    firm, sheets = clerk.one_of(FIRMS), []
    for n, title in enumerate(
        (
            "決算報告書",
            "貸借対照表",
            "損益計算書",
            "販売費及び一般管理費の明細",
            "株主資本等変動計算書",
            "個別注記表",
        )
    ):
        pen = SheetPen(*PAPERS["A4"], font)
        pen.write(50, 60 if n else 250, title, 18, width=495, align="center")
        pen.write(
            50,
            90 if n else 300,
            "（令和6年3月31日現在）" if n == 1 else "自 令和5年4月1日 至 令和6年3月31日",
            9,
            width=495,
            align="center",
        )
        pen.write(50, 108 if n else 600, firm, 10)
        if n:
            rows = tuple(
                (
                    clerk.one_of(("現金及び預金", "売掛金", "買掛金", "資本金", "給料手当", "雑費")),
                    clerk.amount(),
                )
                for _ in range(14)
            )
            draw_grid(pen, FormTable((("科目", "金額"), *rows), (0.6, 0.4)), style, 80, 515, 130)
        sheets.append(pen.sheet())
    return _paper("statements", sheets)


def form_with_annex(clerk: Clerk) -> FilledPaper:
    """A form whose sheets behind it say so: 別紙, （続き）, 続紙, 添付資料, 2/2."""
    font, style = clerk.one_of(FONTS), clerk.style("grid", "shaded", "open", "notebook")
    title = clerk.one_of(("営業日報", "作業報告書", "事故報告書", "入電記録票", "稟議書"))
    day, person = clerk.day(), clerk.person()
    told = clerk.one_of(("別紙", "続き", "続紙", "添付資料", "pages", "same"))
    head: tuple[Row, ...] = ((FormCell("日付", day), FormCell("氏名", person)),)
    front = FormContent(
        title,
        (*head, (FormCell("内容", clerk.remark(), 8),), (FormCell("所感", clerk.remark(), 4),)),
        "1/2" if told == "pages" else "",
    )
    back_title = {
        "別紙": f"{title} 別紙",
        "続き": f"{title}（続き）",
        "続紙": "続紙",
        "添付資料": "添付資料1　現場の写真",
    }.get(told, title)
    back = FormContent(
        back_title,
        (*head, (FormCell("内容", clerk.remark(), 8),), (FormCell("補足", clerk.remark(), 4),)),
        "2/2" if told == "pages" else "",
    )
    return _paper(
        f"form with {told}", [draw_form(f, STYLES[style], PAPERS["A4"], font) for f in (front, back)]
    )


def questionnaire(clerk: Clerk) -> FilledPaper:
    """Questions that go on over the pages."""
    font, style = clerk.one_of(FONTS), STYLES["open"]
    first = FormContent(
        "従業員意識調査",
        (
            "以下の質問にお答えください。",
            *((FormCell(f"問{n}", clerk.one_of(REMARKS), 3),) for n in range(1, 6)),
        ),
    )
    second = FormContent("", tuple((FormCell(f"問{n}", clerk.one_of(REMARKS), 3),) for n in range(6, 10)))
    return _paper("questions", [draw_form(f, style, PAPERS["A4"], font) for f in (first, second)])


WHOLES: tuple[Callable[[Clerk], FilledPaper], ...] = (
    contract, contract_with_annex, report, minutes, invoice, letterhead, ledger, procedure, statements,
    form_with_annex, questionnaire,
)  # fmt: skip
