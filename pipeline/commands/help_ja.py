"""The help of the command line in Japanese, for those whose locale is."""

from __future__ import annotations

import locale
from collections.abc import Callable, Iterator, Mapping
from typing import Any

JAPANESE = {
    "Reads folders of scanned Japanese business documents into tables.": (
        "日本語の業務文書のフォルダを読み取り、表にします。"
    ),
    "Tell the version.": "バージョンを表示します。",
    "Install completion for the current shell.": "今のシェルに入力補完を設定します。",
    "Show completion for the current shell, to copy it or customize the installation.": (
        "入力補完の設定を表示します。"
    ),
    "Show this message and exit.": "このヘルプを表示します。",
    "Read what is new or changed in INBOX and publish the tables under OUT, all at once.": (
        "INBOX の新しい文書と変わった文書を読み取り、OUT の表を一度に公開します。"
    ),
    "Options of Beam's own runners go after a lone --, for example: -- --project=p --region=r": (
        "Beam のランナーのオプションは -- のあとに書きます。例: -- --project=p --region=r"
    ),
    "Folder (or URI) of documents.": "文書のフォルダ（または URI）。",
    "Folder (or URI) for tables and what OCR read.": "表と読み取り結果を置くフォルダ（または URI）。",
    "Application folder with app.toml, or the name of a sample: call-log, daily-report; may be repeated.": (
        "app.toml のあるアプリケーションのフォルダ、見本なら名前（call-log、daily-report）。繰り返せます。"
    ),
    "Application folder with app.toml, or the name of a sample: call-log, daily-report.": (
        "app.toml のあるアプリケーションのフォルダ、見本なら名前（call-log、daily-report）。"
    ),
    "Model folder to use in place of the application's own model/.": (
        "アプリケーションの model/ の代わりに使うモデルのフォルダ。"
    ),
    "OCR engine.": "OCR エンジン。",
    "OCR engine that reads again what the first one is unsure of.": (
        "最初のエンジンが確信を持てないところを読み直す OCR エンジン。"
    ),
    "Worker processes on this machine, or on each of --hosts.": (
        "このマシン（または --hosts の各ホスト）の作業プロセスの数。"
    ),
    "FnApiRunner (local), PortableRunner or DataflowRunner.": (
        "FnApiRunner（このマシン）、PortableRunner、DataflowRunner のいずれか。"
    ),
    "Hosts that serve yomitori worker, to run on instead: a:5000,b:5000.": (
        "代わりに処理させる、yomitori worker を動かしているホスト。例: a:5000,b:5000"
    ),
    "Address at which the hosts reach this machine; found without it.": (
        "ホストからこのマシンに届くアドレス。省略すると自動で調べます。"
    ),
    "Draw what was found over every page.": "見つけたものを各ページに重ねた画像を描きます。",
    "Text file (or URI) of passwords, one a line, tried on encrypted PDFs.": (
        "暗号化された PDF に試すパスワードを 1 行に 1 つ書いたファイル（または URI）。"
    ),
    "Pattern of files or folders that are no documents, such as '*.bak'; may be repeated.": (
        "文書ではないファイルやフォルダのパターン。例: '*.bak'。繰り返せます。"
    ),
    "Only documents of this day (YYYY-MM-DD) or later.": "この日（YYYY-MM-DD）以降の文書だけを処理します。",
    "Only documents of this day (YYYY-MM-DD) or earlier.": "この日（YYYY-MM-DD）以前の文書だけを処理します。",
    "Work on about so many pages; the rest stays due.": (
        "およそこのページ数まで処理し、残りは次回に回します。"
    ),
    "Only what another model would understand otherwise.": (
        "モデルの変更で結果が変わりうる文書だけを処理します。"
    ),
    "Publish also what is unlike earlier nights.": "これまでの夜と大きく違っていても公開します。",
    "Publish nothing where a larger share of files fails.": "失敗の割合がこれより大きければ公開しません。",
    "Days for which earlier versions of the tables are kept.": "以前の版の表を残しておく日数。",
    "Seconds to wait for another run on OUT to end.": "OUT の別の実行が終わるのを待つ秒数。",
    "How often a run that died or hung is started again.": "止まった実行をやり直す回数。",
    "Log lines on standard error; auto: text on a terminal.": (
        "標準エラーに出すログの形式。auto では端末に text で出します。"
    ),
    "Whether logs may hold words of the documents.": "文書の文言をログに書いてよいか。",
    "Prometheus text file; OUT/metrics/yomitori.prom without it.": (
        "Prometheus のテキストファイル。省略すると OUT/metrics/yomitori.prom。"
    ),
    "Tell what a run would do, how long it would take and what it would cost; nothing is written.": (
        "実行すると何を処理し、どれだけの時間と費用がかかるかを示します。何も書きません。"
    ),
    "Price of a CPU-hour, to tell the cost.": "費用の見積もりに使う、1 CPU 時間の単価。",
    "Print JSON.": "JSON で出力します。",
    "Try the failures of OUT again, with what its last run was asked for.": (
        "OUT の失敗した文書を、前回の実行と同じ指定でもう一度処理します。"
    ),
    "Only failures of this category; may be repeated.": "この分類の失敗だけ。繰り返せます。",
    "List the kept versions of the tables, or show an earlier one again.": (
        "残っている版を一覧するか、以前の版に戻します。"
    ),
    "Show the version of this run again.": "この実行の版に戻します。",
    "Serve worker processes on this host to runs that name it by --hosts.": (
        "--hosts でこのホストを指定した実行に、作業プロセスを提供します。"
    ),
    "Port to wait for work at.": "仕事を待つポート。",
    "Address of this host in a private network; who reaches it can run code here.": (
        "閉じたネットワークでのこのホストのアドレス。ここに届く人はこのホストでコードを実行できます。"
    ),
    "Read FILES and write their text, structure, a searchable PDF, or pictures of what was found (overlay) "
    "and of what the text layers of PDFs say (layer).": (
        "FILES を読み取り、テキスト、構造、検索できる PDF、見つけたものの画像（overlay）、"
        "PDF のテキスト層の画像（layer）を書き出します。"
    ),
    "Documents, or folders of them.": "文書、または文書のフォルダ。",
    "What to write, text without it; may be repeated.": "書き出す形式。省略すると text。繰り返せます。",
    "Folder to write into; standard output without it.": "書き出し先のフォルダ。省略すると標準出力。",
    "Pages to read, such as 1-3,7,10-.": "読むページ。例: 1-3,7,10-",
    "Make an application to start from: settings with comments, a label sheet, sample records.": (
        "アプリケーションのひな形（コメント付きの設定、分類表、見本の記録）を作ります。"
    ),
    "Folder to make; a new or an empty one.": "作るフォルダ。新しいフォルダか空のフォルダ。",
    "Adapt an application's encoder to the words of unlabelled texts.": (
        "アプリケーションのエンコーダを、ラベルのない文章の言葉に慣らします。"
    ),
    "Export the tables of OUT for people: a row a document, a sheet for each application.": (
        "OUT の表を表計算のファイルに書き出します。1 行が 1 文書、アプリケーションごとに 1 シートです。"
    ),
    "Folder or URI that run writes to.": "run の書き出し先のフォルダまたは URI。",
    "File to write: .xlsx or .csv.": "書き出すファイル（.xlsx か .csv）。",
    "Name of an application; all without it.": "アプリケーションの名前。省略するとすべて。",
    "Unlabelled texts or records (JSON Lines); may be repeated.": (
        "ラベルのない文章または記録（JSON Lines）。繰り返せます。"
    ),
    "Encoder folder to write.": "エンコーダを書き出すフォルダ。",
    "Rounds over the texts, 3 without it.": "文章を学ぶ周回数。省略すると 3。",
    "Batches to learn from.": "学ぶバッチの数。",
    "Time to learn for.": "学ぶ時間（分）。",
    "Top layers that learn; the whole encoder without it.": (
        "学ぶ上位の層の数。省略するとエンコーダ全体が学びます。"
    ),
    "Tailor a model to an application. One that was interrupted goes on where it was.": (
        "アプリケーションのモデルを学習します。中断した学習は続きから始めます。"
    ),
    "Model folder to write.": "モデルを書き出すフォルダ。",
    "Records to learn from (JSON Lines or a spreadsheet); none: the label sheet alone.": (
        "学習に使う記録（JSON Lines か表計算のファイル）。省略すると分類表だけから学びます。"
    ),
    "Records to choose by; none: a fifth of those to learn from.": (
        "選択に使う記録。省略すると学習に使う記録の 5 分の 1。"
    ),
    "Predict labels, scores and evidence for records.": "記録の分類、スコア、根拠を予測します。",
    "Model folder, or the name of a sample application.": (
        "モデルのフォルダ、見本のアプリケーションなら名前。"
    ),
    "Records to predict (JSON Lines or a spreadsheet).": "予測する記録（JSON Lines か表計算のファイル）。",
    "JSON Lines file to write.": "書き出す JSON Lines ファイル。",
    "Measure a model on annotated records: a page to read, pictures, and the figures as JSON.": (
        "正解付きの記録でモデルを測り、読めるページ、図、JSON の数値にします。"
    ),
    "Annotated records (JSON Lines or a spreadsheet).": "正解付きの記録（JSON Lines か表計算のファイル）。",
    "Folder for the report.": "報告を書き出すフォルダ。",
    "How many of the worst mistakes to show.": "大きな間違いをいくつ示すか。",
    "Measure what each training strategy brings, one switched off or on at a time.": (
        "学習の工夫を 1 つずつ入れたり切ったりして、それぞれの効果を測ります。"
    ),
    "Records to learn from (JSON Lines or a spreadsheet).": (
        "学習に使う記録（JSON Lines か表計算のファイル）。"
    ),
    "Records to choose epoch and thresholds by.": "学習の打ち切りとしきい値の選択に使う記録。",
    "Records to measure on.": "測るのに使う記録。",
    "Folder for the runs and the report.": "学習の結果と報告を書き出すフォルダ。",
    "How often each variant is trained.": "それぞれの条件で学習する回数。",
    "Only these strategies, separated by commas; all without it.": (
        "カンマで区切ったこれらの工夫だけ。省略するとすべて。"
    ),
    "Pretrained encoders.": "事前学習済みのエンコーダ。",
    "Encoder folder, Hugging Face id, or bundled.": (
        "エンコーダのフォルダ、Hugging Face の ID、または bundled（同梱）。"
    ),
    "Tell whether an encoder can be used, how long its texts may be, and what time and memory it takes.": (
        "エンコーダが使えるか、読める長さ、かかる時間とメモリを調べます。"
    ),
    "Encoder of yomitori adapt, as one more strategy.": "yomitori adapt のエンコーダ。比べる工夫に加えます。",
    "Start no training after so many minutes; run again to go on.": (
        "この分数を過ぎたら新しい学習を始めません。もう一度実行すると続きから始めます。"
    ),
}


def speaks_japanese(environment: Mapping[str, str]) -> bool:
    """Whether the locale's messages are Japanese: by the variables of POSIX, else by the system's setting."""
    named = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    language = next(filter(None, named), None) or locale.getlocale()[0] or ""
    return language.startswith(("ja", "Japanese"))


def translate(command: Any) -> None:
    """Puts the help of a click command and of the commands below it into Japanese."""
    from typer import rich_utils

    rich_utils.ARGUMENTS_PANEL_TITLE = "引数"
    rich_utils.OPTIONS_PANEL_TITLE = "オプション"
    rich_utils.COMMANDS_PANEL_TITLE = "コマンド"
    rich_utils.DEFAULT_STRING = "[既定値: {}]"
    rich_utils.REQUIRED_LONG_STRING = "[必須]"
    rich_utils._make_rich_text = _folding(rich_utils._make_rich_text)
    for holder, name, text in helps(command):
        setattr(holder, name, JAPANESE.get(text, text))


def _folding(make: Callable[..., Any]) -> Callable[..., Any]:
    """Rich cuts off a word that is longer than its column, which Japanese, without spaces, always is."""

    def folded(**given: Any) -> Any:
        text = make(**given)
        text.overflow = "fold"
        return text

    return folded


def helps(command: Any) -> Iterator[tuple[Any, str, str]]:
    """Every help text of a click command and those below it: what holds it, as which attribute, the text."""
    from click import Context

    holders = [command, *command.params, command.get_help_option(Context(command))]
    for holder in filter(None, holders):
        for name in ("help", "short_help", "epilog"):
            if text := getattr(holder, name, None):
                yield holder, name, " ".join(text.split())
    for below in getattr(command, "commands", {}).values():
        yield from helps(below)
