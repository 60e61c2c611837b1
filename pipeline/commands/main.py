"""The command `yomitori`: options in, exit code out; what does the work is imported late."""

from __future__ import annotations

import logging
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.night import commands as batch_commands
from pipeline.commands.process_end import ProcessEnd
from pipeline.commands.shared_options import (
    Application,
    Engine,
    EngineName,
    Exclude,
    From,
    Model,
    PasswordFile,
    SecondEngine,
    To,
    console,
    day,
    engines,
)
from pipeline.errors import CommandError
from pipeline.exit_codes import ExitCode
from pipeline.reporting.logs import LogFormat, configure

# Set before any library reads them: threads of several processes on the same cores wait for each other. Not
# OMP_THREAD_LIMIT: torch that is told of more threads than it allows leaves parts of its work undone.
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

app = typer.Typer(
    name="yomitori",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
batch_commands.add_to(app)
encoders = typer.Typer(no_args_is_help=True, help="Pretrained encoders.")
app.add_typer(encoders, name="encoders")


def _tell_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"yomitori {version('yomitori')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="Tell the version.")
    ] = False,
) -> None:
    """Reads folders of scanned Japanese business documents into tables."""


class OcrFormat(StrEnum):
    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    HOCR = "hocr"
    PDF = "pdf"
    OVERLAY = "overlay"
    LAYER = "layer"


@app.command()
def ocr(
    files: Annotated[list[Path], typer.Argument(help="Documents, or folders of them.")],
    formats: Annotated[
        list[OcrFormat] | None,
        typer.Option("--format", help="What to write, text without it; may be repeated."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Folder to write into; standard output without it."),
    ] = None,
    pages: Annotated[str, typer.Option(help="Pages to read, such as 1-3,7,10-.")] = "1-",
    engine: Engine = EngineName.PPOCR,
    second_engine: SecondEngine = None,
    password_file: PasswordFile = None,
    exclude: Exclude = None,
) -> None:
    """Read FILES and write their text, structure, a searchable PDF, or pictures of what was found (overlay)
    and of what the text layers of PDFs say (layer)."""
    from pipeline.commands.reading.inputs import PageRanges, inputs
    from pipeline.commands.reading.ocr import read_files
    from pipeline.commands.reading.outputs import Output
    from pipeline.inbox.sieve import Sieve

    wanted = dict.fromkeys(name.value for name in formats or (OcrFormat.TEXT,))
    ranges = PageRanges.parse(pages)
    name = engines(engine, second_engine)
    asked = inputs(files, Sieve(tuple(exclude or ())))
    raise typer.Exit(read_files(asked, Output(tuple(wanted), output), ranges, name, password_file))


@app.command()
def export(
    out: Annotated[str, typer.Argument(help="Folder or URI that run writes to.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write: .xlsx or .csv.")],
    applications: Annotated[
        list[str] | None, typer.Option("--app", help="Name of an application; all without it.")
    ] = None,
    first: From = "",
    last: To = "",
) -> None:
    """Export the tables of OUT for people: a row a document, a sheet for each application."""
    from pipeline.commands.views.export_tables import export as write
    from pipeline.spreadsheets.exported_tables import ExportChoice

    choice = ExportChoice(tuple(applications or ()), day("--from", first), day("--to", last))
    for path in write(out, output, choice):
        typer.echo(str(path))


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Folder to make; a new or an empty one.")]) -> None:
    """Make an application to start from: settings with comments, a label sheet, sample records."""
    from pipeline.commands.models.init import init_application

    init_application(folder, console())


@app.command()
def adapt(
    application: Application,
    texts: Annotated[
        list[Path], typer.Option("--texts", help="Unlabelled texts or records (JSON Lines); may be repeated.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="Encoder folder to write.")],
    epochs: Annotated[int | None, typer.Option(min=1, help="Rounds over the texts, 3 without it.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Batches to learn from.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="Time to learn for.")] = None,
    layers: Annotated[
        int | None, typer.Option(min=1, help="Top layers that learn; the whole encoder without it.")
    ] = None,
) -> None:
    """Adapt an application's encoder to the words of unlabelled texts."""
    from pipeline.commands.models.adapt_encoder import AdaptationLimits, adapt_encoder

    adapt_encoder(application, texts, output, AdaptationLimits(epochs, steps, minutes, layers), console())


@encoders.command("check")
def check_encoder(
    encoder: Annotated[str, typer.Argument(help="Encoder folder, Hugging Face id, or bundled.")],
) -> None:
    """Tell whether an encoder can be used, how long its texts may be, and what time and memory it takes."""
    from pipeline.commands.models.check_encoder import check_encoder_folder

    check_encoder_folder(encoder, console())


@app.command()
def train(
    application: Application,
    output: Annotated[Path, typer.Option("-o", "--output", help="Model folder to write.")],
    train_records: Annotated[
        Path | None,
        typer.Option(
            "--train",
            help="Records to learn from (JSON Lines or a spreadsheet); none: the label sheet alone.",
        ),
    ] = None,
    dev_records: Annotated[
        Path | None,
        typer.Option("--dev", help="Records to choose by; none: a fifth of those to learn from."),
    ] = None,
) -> None:
    """Tailor a model to an application. One that was interrupted goes on where it was."""
    from pipeline.commands.models.train_model import train_model

    train_model(application, train_records, dev_records, output, console())


@app.command()
def predict(
    model: Model,
    records: Annotated[Path, typer.Argument(help="Records to predict (JSON Lines or a spreadsheet).")],
    output: Annotated[Path, typer.Option("-o", "--output", help="JSON Lines file to write.")],
) -> None:
    """Predict labels, scores and evidence for records."""
    from pipeline.commands.models.predict_evaluate import predict_records

    predict_records(model, records, output, console())


@app.command()
def evaluate(
    model: Model,
    records: Annotated[Path, typer.Argument(help="Annotated records (JSON Lines or a spreadsheet).")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the report.")],
    mistakes: Annotated[int, typer.Option(min=0, help="How many of the worst mistakes to show.")] = 30,
) -> None:
    """Measure a model on annotated records: a page to read, pictures, and the figures as JSON."""
    from pipeline.commands.models.predict_evaluate import evaluate_model

    evaluate_model(model, records, output, mistakes, console())


@app.command()
def ablate(
    application: Application,
    train_records: Annotated[
        Path, typer.Option("--train", help="Records to learn from (JSON Lines or a spreadsheet).")
    ],
    dev_records: Annotated[Path, typer.Option("--dev", help="Records to choose epoch and thresholds by.")],
    test_records: Annotated[Path, typer.Option("--test", help="Records to measure on.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the runs and the report.")],
    seeds: Annotated[int, typer.Option(min=1, help="How often each variant is trained.")] = 3,
    strategies: Annotated[
        str, typer.Option(help="Only these strategies, separated by commas; all without it.")
    ] = "",
    adapted: Annotated[
        Path | None, typer.Option(help="Encoder of yomitori adapt, as one more strategy.")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0, help="Start no training after so many minutes; run again to go on.")
    ] = None,
) -> None:
    """Measure what each training strategy brings, one switched off or on at a time."""
    from pipeline.commands.models.ablate import AblationRequest
    from pipeline.commands.models.ablate import ablate as ablate_application

    names = tuple(name.strip() for name in strategies.split(",") if name.strip())
    request = AblationRequest(
        application=application,
        train=train_records,
        dev=dev_records,
        test=test_records,
        output=output,
        seeds=seeds,
        strategies=names,
        adapted=adapted,
        minutes=minutes,
    )
    ablate_application(request, console())


def main() -> None:
    """Runs the command line; every foreseen error ends as one message and its exit code."""
    end = ProcessEnd()
    for variable in _ONE_THREAD:
        os.environ.setdefault(variable, "1")
    configure(LogFormat.TEXT)
    end.code = run_command()


def command() -> None:
    """Runs the command that the process was started with; its help follows the locale."""
    asked = typer.main.get_command(app)
    if len(sys.argv) == 1 or "--help" in sys.argv:
        from pipeline.commands.help_ja import speaks_japanese, translate

        if speaks_japanese(os.environ):
            translate(asked)
    asked()


def run_command() -> int:
    """Runs the command line and returns its exit code."""
    try:
        command()
    except SystemExit as ended:  # how click and typer tell it, whether the command was done or refused
        return ended.code if isinstance(ended.code, int) else ExitCode.BROKEN_OFF
    except CommandError as error:
        print(f"yomitori: {error}", file=sys.stderr)
        return error.exit_code
    except ModuleNotFoundError as error:  # the package alone reads files; what else it can do is an extra
        print(
            f"yomitori: {error.name} が入っていません。pip install 'yomitori[all]' を実行してください。",
            file=sys.stderr,
        )
        return ExitCode.BAD_CONFIGURATION
    except Exception:  # what nobody foresaw still ends with its trace in the log and an exit code
        logging.getLogger("pipeline").critical("予期しないエラーで止まりました", exc_info=True)
        return ExitCode.BROKEN_OFF
    except KeyboardInterrupt:
        print("yomitori: 中断しました。公開済みの表は変えていません。", file=sys.stderr)
        return ExitCode.INTERRUPTED
    return ExitCode.DONE


if __name__ == "__main__":
    main()
