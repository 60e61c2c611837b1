"""A batch that is killed again and again: are the tables whole after each kill, and right in the end?

python -m benchmarks.night.chaos [--rounds 60] [--minutes 60] [--seed 1] [--workers 2] [--no-app]

A round starts `yomitori run`, sends SIGKILL to one of its parts at a random moment, and reads all tables:
they must show the night before or this night, whole. Where the run goes on (its supervisor lives) it must end
by itself. After one to four kills a night is left in peace, and must then show exactly what lies in the
inbox; every some nights its rows are compared with those of an undisturbed run into a fresh folder. Then the
inbox changes. Exit code 1 where anything was wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psutil
from rich.console import Console
from rich.table import Table as Shown

from fixtures.chaos.published_tables import Tables
from fixtures.chaos.run_processes import RunProcess, kill, parts, seconds_until_gone
from fixtures.truth_file import FIXTURES, INBOX, read_truth
from pipeline.exit_codes import ExitCode

APP = FIXTURES / "apps" / "call-log"
# A run ends by itself within this time, restarts included, or it hangs.
PATIENCE = 900.0
COMPARED_EVERY = 3
_FINE = (ExitCode.DONE, ExitCode.PARTIAL_SUCCESS, ExitCode.NOTHING_TO_DO)
_FILES = 14
_SCANS = 3


class Inbox:
    """Documents with text layers and a few scans, each with bytes of its own, that come, change and go."""

    def __init__(self, folder: Path, dice: Random) -> None:
        self.folder = folder
        self._dice = dice
        self._count = 0
        truths = [truth for truth in read_truth() if truth.failure is None and len(truth.pages) == 1]
        self._layers = [INBOX / truth.file for truth in truths if truth.source == "text_layer"]
        self._scans = [
            INBOX / t.file for t in truths if t.source == "ocr" and t.file.endswith((".tif", ".pdf"))
        ]
        for number in range(_FILES):
            self._add(scan=number < _SCANS)

    def change(self) -> None:
        """One night later."""
        files = self._dice.sample(sorted(self.folder.rglob("*.*")), 4)
        files[0].unlink()
        files[1].rename(files[1].with_name(f"改名 {self._count}{files[1].suffix}"))
        files[2].write_bytes(files[2].read_bytes() + b"\n% changed")
        shutil.copyfile(files[3], files[3].with_name(f"写し {self._count}{files[3].suffix}"))
        for scan in (True, False, False):
            self._add(scan=scan)

    def _add(self, *, scan: bool) -> None:
        self._count += 1
        sample = self._dice.choice(self._scans if scan else self._layers)
        target = self.folder / sample.parent.name / f"{self._count:03} {sample.name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(sample.read_bytes() + f"\n% {self._count}".encode())

    def content(self) -> dict[str, str]:
        """File name -> doc_id, as a finished night must show it."""
        return {
            path.relative_to(self.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.folder.rglob("*")
            if path.is_file()
        }


class Kept:
    """What OCR read, and how often something was read again that had been kept."""

    def __init__(self, out: Path) -> None:
        self._folder = out / "digitized"
        self._seen: dict[Path, int] = {}
        self.again = 0

    def look(self) -> int:
        """The number of page ranges that are kept; those that were written a second time are added up."""
        files = {path: path.stat().st_mtime_ns for path in self._folder.rglob("*.json.gz")}
        self.again += sum(self._seen.get(path, time_) != time_ for path, time_ in files.items())
        self._seen |= files
        return len(files)


@dataclass(slots=True)
class Round:
    night: int
    part: RunProcess
    after: float
    phase: str
    seen: str = ""
    exit_code: str = ""
    left: float = 0.0
    wrong: list[str] = field(default_factory=list)


class Chaos:
    def __init__(self, folder: Path, workers: int, with_app: bool, dice: Random, console: Console) -> None:
        self.out = folder / "out"
        self._scratch = folder
        self._workers = workers
        self._options = ["--app", str(APP)] if with_app else []
        self._dice = dice
        self._console = console
        self._log = (folder / "log.txt").open("wb")
        self.inbox = Inbox(folder / "inbox", dice)
        self.kept = Kept(self.out)
        self.rounds: list[Round] = []
        self.wrong: list[str] = []
        self.usual: dict[int, float] = {}
        self.compared = 0

    def start(self, out: Path, workers: int) -> subprocess.Popen[bytes]:
        command = [Path(sys.executable).with_name("yomitori"), "run", self.inbox.folder, out]
        command += ["--workers", workers, *self._options]
        return subprocess.Popen([*map(str, command)], stdout=self._log, stderr=subprocess.STDOUT)

    def _some_workers(self) -> int:
        return self._dice.choice((1, self._workers))  # one works in the run's own process

    def learn_usual(self) -> None:
        """How long a night takes by the number of workers; one night each."""
        for workers in (1, self._workers):
            self.inbox.change()
            self.usual[workers] = self.undisturbed(self.out, workers)

    def undisturbed(self, out: Path, workers: int | None = None) -> float:
        """Seconds of a run that nobody disturbs. Raises SystemExit where even that goes wrong."""
        started = time.monotonic()
        code = self.start(out, workers or self._some_workers()).wait(timeout=PATIENCE)
        if code not in _FINE:
            sys.exit(f"an undisturbed run ended with exit code {code}, see {self._log.name}")
        return time.monotonic() - started

    def night(self, number: int, kills: int, until: float) -> None:
        """Kills this night's run `kills` times, then lets it finish and looks at what it published."""
        before, now = Tables(self.out).shown(), self.inbox.content()
        for _ in range(kills):
            if time.monotonic() > until:
                break
            done = self._round(number, before, now)
            if done is None:
                break
            self.rounds.append(done)
            self._console.print(_line(len(self.rounds), done), highlight=False)
            self.kept.look()
            if done.seen == "this night":
                break
        seconds = self.undisturbed(self.out)
        self.kept.look()
        tables = Tables(self.out)
        self._note(number, tables.contradictions())
        if tables.shown() != now:
            self._note(number, ["the night does not show what lies in the inbox"])
        if number % COMPARED_EVERY == 0:
            fresh = self._scratch / f"fresh-{number}"
            self.undisturbed(fresh)
            self._note(number, tables.differences(Tables(fresh)))
            shutil.rmtree(fresh)
            self.compared += 1
        self._console.print(f"night {number}: finished in {seconds:.0f} s, {len(now)} files", style="green")

    def _note(self, number: int, found: Iterator[str] | list[str]) -> None:
        for one in found:
            self.wrong.append(f"night {number}: {one}")
            self._console.print(self.wrong[-1], style="red", highlight=False)

    def _round(self, number: int, before: dict[str, str], now: dict[str, str]) -> Round | None:
        """None where the run had ended before the moment came."""
        leftovers = set(self._unfinished())
        workers = self._some_workers()
        process = self.start(self.out, workers)
        started = time.monotonic()
        self._wait_for_the_moment(process, self.usual[workers])
        running = parts(process.pid)
        if process.poll() is not None:
            return None
        part = self._victim([part for part in RunProcess if running[part]])
        kill(running[part] if part is RunProcess.ALL else [self._dice.choice(running[part])])
        done = Round(number, part, time.monotonic() - started, self._phase(running, leftovers))
        try:
            done.exit_code = str(process.wait(timeout=PATIENCE))
        except subprocess.TimeoutExpired:
            done.wrong.append("hangs")
            kill(parts(process.pid)[RunProcess.ALL])
            process.wait()
        done.left = seconds_until_gone(running[RunProcess.ALL], 20.0)
        if done.left >= 20.0:
            done.wrong.append("processes are left")
        self._look(done, before, now)
        if int(done.exit_code or 0) >= 0 and done.exit_code not in {str(int(code)) for code in _FINE}:
            done.wrong.append(f"ended with {done.exit_code}")
        self.wrong += [f"round {len(self.rounds) + 1}: {one}" for one in done.wrong]
        return done

    def _victim(self, running: list[RunProcess]) -> RunProcess:
        """Parts that live for a short time only have their turn too."""
        killed = Counter(one.part for one in self.rounds)
        return self._dice.choices(running, [1 / (1 + killed[part]) for part in running])[0]

    def _wait_for_the_moment(self, process: subprocess.Popen[bytes], usual: float) -> None:
        """Any moment of a usual run; every third time one of the seconds in which it publishes."""
        if self._dice.random() < 0.35:
            versions = self.out / "versions"
            known = set(versions.iterdir())
            while process.poll() is None and set(versions.iterdir()) <= known:
                time.sleep(0.01)
            time.sleep(self._dice.uniform(0.0, 1.5))
            return
        end = time.monotonic() + self._dice.uniform(0.1, usual)
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)

    def _unfinished(self) -> Iterator[Path]:
        return (self.out / "versions").glob(".*")

    def _phase(self, running: dict[RunProcess, list[psutil.Process]], leftovers: set[Path]) -> str:
        if set(self._unfinished()) - leftovers:
            return "publish"
        return "work" if running[RunProcess.WORKER] or running[RunProcess.OCR] else "start or end"

    def _look(self, done: Round, before: dict[str, str], now: dict[str, str]) -> None:
        tables = Tables(self.out)
        done.wrong += tables.contradictions()
        shown = tables.shown()
        if shown == now:
            done.seen = "this night"
        elif shown == before:
            done.seen = "the night before"
        else:
            done.seen = "?"
            done.wrong.append("the tables show neither the night before nor this one")


def _line(number: int, done: Round) -> str:
    wrong = f"  WRONG: {'; '.join(done.wrong)}" if done.wrong else ""
    return (
        f"{number:3}  night {done.night:2}  {done.part:10}  after {done.after:5.1f} s  {done.phase:12}  "
        f"exit {done.exit_code:>3}  gone in {done.left:4.1f} s  sees {done.seen}{wrong}"
    )


def show(chaos: Chaos, console: Console) -> None:
    table = Shown(title=f"{len(chaos.rounds)} kills", title_justify="left")
    for column in ("killed", "times", "starting or ending", "working", "publishing", "sees the night before",
                   "sees this night", "longest left s", "wrong"):  # fmt: skip
        table.add_column(column, justify="left" if column == "killed" else "right")
    for part in RunProcess:
        rounds = [one for one in chaos.rounds if one.part == part]
        phases = Counter(one.phase for one in rounds)
        seen = Counter(one.seen for one in rounds)
        table.add_row(
            part, str(len(rounds)), str(phases["start or end"]), str(phases["work"]), str(phases["publish"]),
            str(seen["the night before"]), str(seen["this night"]),
            f"{max((one.left for one in rounds), default=0):.1f}",
            str(sum(bool(one.wrong) for one in rounds)),
        )  # fmt: skip
    console.print(table)
    nights = max((one.night for one in chaos.rounds), default=0)
    console.print(
        f"{nights} nights, {chaos.compared} of them compared row by row with an undisturbed run; "
        f"{chaos.kept.look()} page ranges kept, {chaos.kept.again} of them read again; "
        f"{len(chaos.wrong)} faults",
        highlight=False,
    )
    for fault in chaos.wrong:
        console.print(fault, style="red", highlight=False)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--no-app", action="store_true", help="read only, understand nothing: shorter runs")
    parser.add_argument("--keep", action="store_true", help="keep the folder, to look at what was wrong")
    arguments = parser.parse_args()
    console = Console(width=160)
    until = time.monotonic() + 60 * arguments.minutes
    folder = Path(tempfile.mkdtemp(prefix="yomitori-chaos-"))
    dice = Random(arguments.seed)
    chaos = Chaos(folder, arguments.workers, not arguments.no_app, dice, console)
    chaos.undisturbed(chaos.out)
    chaos.kept.look()
    chaos.learn_usual()
    usual = ", ".join(f"{seconds:.1f} s with {workers}" for workers, seconds in chaos.usual.items())
    console.print(f"a night takes {usual} workers; log in {folder}", highlight=False)
    number = 1
    try:
        while len(chaos.rounds) < arguments.rounds and time.monotonic() < until:
            chaos.inbox.change()
            chaos.night(number, min(dice.randint(1, 4), arguments.rounds - len(chaos.rounds)), until)
            number += 1
    finally:
        show(chaos, console)
    if not arguments.keep:
        shutil.rmtree(folder)
    sys.exit(1 if chaos.wrong else 0)


if __name__ == "__main__":
    main()
