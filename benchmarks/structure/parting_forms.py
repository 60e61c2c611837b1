"""Forms drawn for `parting`: one sheet or two, in layouts and words unlike the sample inbox's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.structure.parting_clerk import FAMILY, FIRMS, FONTS, GOODS, REMARKS, Clerk, FilledPaper
from fixtures.drawing.drawn_forms import STYLES, FormCell, FormContent, FormTable, Row, draw_form
from fixtures.drawing.drawn_sheet import PAPERS, DrawnSheet, Rule, SheetPen


def _sheet(clerk: Clerk, form: FormContent, style: str, paper: str = "A4", font: str = "") -> DrawnSheet:
    return draw_form(form, STYLES[style], PAPERS[paper], font or clerk.one_of(FONTS))


@dataclass(frozen=True, slots=True)
class Layout:
    """A form as one office prints it: what is the same on every copy."""

    title: str
    style: str
    paper: str
    font: str
    firm: str
    numbered: str  # what stands before the number at the top, "" for no number
    fill: Callable[[Clerk], tuple[Row, ...]]
    counter: bool = False  # 1/1 at the foot

    def copy(self, clerk: Clerk) -> DrawnSheet:
        number = f"{self.numbered} {clerk.number()}".strip() if self.numbered else ""
        form = FormContent(
            self.title, self.fill(clerk), number, self.firm, footer="1/1" if self.counter else ""
        )
        return _sheet(clerk, form, self.style, self.paper, self.font)


def _inspection(clerk: Clerk) -> tuple[Row, ...]:
    points = ("電源コード", "非常停止", "油量", "異音・振動", "安全カバー", "清掃状態", "表示灯")
    rows = tuple((point, clerk.one_of(("良", "良", "良", "要修理", "否"))) for point in points)
    return (
        (FormCell("点検日", clerk.day()), FormCell("点検者", clerk.person())),
        (FormCell("設備名", f"{clerk.chance.randint(1, 9)}号プレス機"),),
        FormTable((("点検項目", "結果"), *rows), (0.7, 0.3)),
        (FormCell("特記事項", clerk.remark(), 3),),
    )


def _delivery(clerk: Clerk) -> tuple[Row, ...]:
    goods = clerk.chance.sample(GOODS, clerk.chance.randint(2, 5))
    rows = tuple((good, f"{clerk.chance.randint(1, 40)}", clerk.amount()) for good in goods)
    return (
        (FormCell("納品日", clerk.day()), FormCell("担当", clerk.one_of(FAMILY))),
        (FormCell("納品先", f"{clerk.one_of(FIRMS)} 御中"),),
        FormTable((("品名", "数量", "金額"), *rows), (0.6, 0.15, 0.25)),
        (FormCell("備考", clerk.one_of(REMARKS), 2),),
    )


def _survey(clerk: Clerk) -> tuple[Row, ...]:
    def ticked(*options: str) -> str:
        chosen = clerk.chance.randrange(len(options))
        return " ".join(("☑" if n == chosen else "□") + option for n, option in enumerate(options))

    return (
        "このたびはご来店ありがとうございます。よりよい店づくりのため、ご意見をお聞かせください。",
        (FormCell("ご来店の回数", ticked("初めて", "2回目", "3回以上")),),
        (FormCell("店員の応対", ticked("よい", "ふつう", "わるい")),),
        (FormCell("商品の品ぞろえ", ticked("よい", "ふつう", "わるい")),),
        (FormCell("ご意見", clerk.remark(), 4),),
    )


def _work_report(clerk: Clerk) -> tuple[Row, ...]:
    return (
        (FormCell("作業日", clerk.day()), FormCell("作業者", clerk.person())),
        (FormCell("現場", clerk.one_of(FIRMS)), FormCell("天候", clerk.one_of(("晴れ", "くもり", "雨")))),
        (FormCell("作業内容", clerk.remark(), 6),),
        (FormCell("明日の予定", clerk.one_of(REMARKS), 2),),
    )


def _leave(clerk: Clerk) -> tuple[Row, ...]:
    return (
        (FormCell("届出日", clerk.day()), FormCell("所属", clerk.one_of(("営業部", "製造課", "総務課")))),
        (FormCell("氏名", clerk.person()), FormCell("日数", f"{clerk.chance.randint(1, 5)}日")),
        (FormCell("期間", f"{clerk.day()}から"),),
        (FormCell("理由", clerk.one_of(("私用のため", "通院のため", "家事の都合のため")), 2),),
    )


def _expenses(clerk: Clerk) -> tuple[Row, ...]:
    rows = tuple(
        (clerk.day(), clerk.one_of(("交通費", "会議費", "消耗品費")), clerk.amount())
        for _ in range(clerk.chance.randint(2, 6))
    )
    return (
        (FormCell("申請日", clerk.day()), FormCell("申請者", clerk.person())),
        FormTable((("日付", "費目", "金額"), *rows), (0.35, 0.4, 0.25)),
        (FormCell("合計", clerk.amount()),),
    )


def _daily(clerk: Clerk) -> tuple[Row, ...]:
    return (
        (FormCell("日付", clerk.day()), FormCell("氏名", clerk.person())),
        (FormCell("訪問先", clerk.one_of(FIRMS)), FormCell("面談者", f"{clerk.one_of(FAMILY)}様")),
        (FormCell("商談内容", clerk.remark(), 6),),
        (FormCell("所感", clerk.one_of(REMARKS), 3),),
    )


def _call(clerk: Clerk) -> tuple[Row, ...]:
    return (
        (
            FormCell("受付日時", f"{clerk.day()} 10:{clerk.chance.randint(10, 59)}"),
            FormCell("受付者", clerk.one_of(FAMILY)),
        ),
        (
            FormCell("お客様名", clerk.one_of(FIRMS)),
            FormCell("電話番号", f"03-0000-{clerk.chance.randint(1000, 9999)}"),
        ),
        (FormCell("入電内容", clerk.remark(), 5),),
        (FormCell("対応内容", clerk.one_of(REMARKS), 3),),
    )


# title -> how it is filled in; the first three are titles that the sample applications name
FORMS: dict[str, Callable[[Clerk], tuple[Row, ...]]] = {
    "営業日報": _daily,
    "入電記録票": _call,
    "電話受付票": _call,
    "設備点検表": _inspection,
    "安全点検チェックシート": _inspection,
    "納品書": _delivery,
    "物品受領書": _delivery,
    "ご来店アンケート": _survey,
    "お客様満足度調査票": _survey,
    "作業報告書": _work_report,
    "工事日報": _work_report,
    "有給休暇届": _leave,
    "欠勤届出書": _leave,
    "経費精算書": _expenses,
    "旅費申請書": _expenses,
}


def layout_of(clerk: Clerk, title: str) -> Layout:
    """One office's print of the form."""
    shown = title if clerk.chance.random() < 0.7 else " ".join(title) if len(title) < 6 else f"{title}（控）"
    return Layout(
        title=shown,
        style=clerk.style(),
        paper=clerk.one_of(("A4", "A4", "A4", "B5", "A4-landscape")),
        font=clerk.one_of(FONTS),
        firm=clerk.one_of(("", "", "ミサゴ総合リース株式会社", "東部営業所")),
        numbered=clerk.one_of(("", "", "No.", "受付番号", "№")),
        fill=FORMS[title],
        counter=clerk.chance.random() < 0.1,
    )


def copies(clerk: Clerk, title: str, count: int) -> list[FilledPaper]:
    """So many copies of one print; a layout that its content does not fit is laid out again."""
    while True:
        layout = layout_of(clerk, title)
        try:
            return [FilledPaper(title, "form", (layout.copy(clerk),)) for _ in range(count)]
        except ValueError:
            continue


def two_page_copies(clerk: Clerk, count: int) -> list[FilledPaper]:
    """Copies of a form whose second sheet goes on with other labels, with and without a title of its own."""
    title = clerk.one_of(("健康診断問診票", "入会申込書", "事故報告書", "営業日報", "職務経歴書"))
    back = clerk.one_of(("", "", "問診の続き", "同意欄"))
    font, style = clerk.one_of(FONTS), clerk.style("grid", "shaded", "open", "notebook")
    papers = []
    for _ in range(count):
        front = FormContent(
            title,
            (
                (FormCell("記入日", clerk.day()), FormCell("氏名", clerk.person())),
                (
                    FormCell(
                        "住所", f"美浜谷市中央{clerk.chance.randint(1, 9)}丁目{clerk.chance.randint(1, 20)}番"
                    ),
                ),
                (FormCell("経過", clerk.remark(), 8),),
            ),
        )
        second = FormContent(
            back,
            (
                (
                    FormCell("既往症", clerk.one_of(("なし", "あり")), 2),
                    FormCell("服薬", clerk.one_of(("なし", "あり")), 2),
                ),
                (FormCell("家族の状況", clerk.one_of(REMARKS), 4),),
                (FormCell("確認欄", clerk.one_of(FAMILY)),),
            ),
        )
        papers.append(
            FilledPaper(
                f"{title} 2枚",
                "two pages",
                tuple(_sheet(clerk, f, style, "A4", font) for f in (front, second)),
            )
        )
    return papers


def letter(clerk: Clerk) -> FilledPaper:
    """A business letter: addressee, date, 拝啓 … 敬具, without a title as often as with one."""
    pen = SheetPen(*PAPERS["A4"], clerk.one_of(FONTS))
    pen.write(60, 70, clerk.day(), 10.5, width=475, align="right")
    pen.write(60, 100, f"{clerk.one_of(FIRMS)} 御中", 11)
    pen.write(60, 130, "ミサゴ総合リース株式会社", 10.5, width=475, align="right")
    y = 170.0
    if clerk.chance.random() < 0.5:
        pen.write(
            60,
            y,
            clerk.one_of(("書類送付のご案内", "価格改定のお知らせ", "ご訪問のお礼")),
            14,
            width=475,
            align="center",
        )
        y += 40
    for part in (
        "拝啓　時下ますますご清栄のこととお慶び申し上げます。平素は格別のご高配を賜り、御礼申し上げます。",
        f"さて、{clerk.remark()}",
        "まずは略儀ながら書中をもちましてご連絡申し上げます。",
    ):
        y = pen.paragraph(60, y, part, 10.5, 475, 18, indent=10.5) + 6
        pen.text.append(part)
    pen.write(60, y + 8, "敬具", 10.5, width=475, align="right")
    return FilledPaper("letter", "letter", (pen.sheet(),))


def blank_sheet() -> DrawnSheet:
    """The back of a sheet that is printed on one side."""
    return DrawnSheet(*PAPERS["A4"], (), (), (), ())


def separator_sheet(clerk: Clerk) -> DrawnSheet:
    """What a clerk lays between two documents."""
    pen = SheetPen(*PAPERS["A4"], clerk.one_of(FONTS))
    words = clerk.one_of(
        ("区切り", "仕切り紙", "《 区 切 り 》", "セパレータシート", "SEPARATOR", "文書区切り用紙")
    )
    pen.write(60, 380, words, clerk.chance.choice((20, 36, 60)), width=475, align="center")
    if clerk.chance.random() < 0.4:
        pen.write(60, 470, "この紙の前後で文書を分けます", 11, width=475, align="center")
    if clerk.chance.random() < 0.3:
        pen.marks.append(Rule(60, 360, 535, 360, 2.0))
    return pen.sheet()
