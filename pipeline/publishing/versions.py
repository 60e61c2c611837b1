"""Versions of all tables together: a night is seen whole or not at all, and earlier nights can be read.

On a local filesystem `OUT/tables` is a symbolic link to `OUT/versions/RUN_ID`. A new version begins as hard
links to the files of the current one, so it costs the room of what changes; no file that two versions share
is ever written to. It is seen from the one rename on that turns the link to it. Where links cannot be made
(an object store, some network shares) tables are written in place and no earlier version is kept.

A version is made under a hidden name. Its `version.json` gets its time after the link was turned to it: one
without a time that the link does not name was never seen. Order is told by `number`, so that a clock that is
set back confuses nothing. Only one run at a time may call what changes versions.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import uuid
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline import files
from pipeline.errors import CommandError, RunBrokenError

TABLES = "tables"
VERSIONS = "versions"
ABOUT = "version.json"
FIRST = "initial"
"""What the tables of a release without versions become."""

LONGEST_LOG = 100
"""Commits of a table from which on a new version starts its log anew: every reader reads all of them."""

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV, errno.EMLINK}


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A version below `OUT/versions`, the `number`-th; `published_at` is null where it was never seen."""

    run_id: str
    number: int
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Version:
    """A version in the making: tables are written below `folder`, then it is committed or abandoned."""

    out: str
    run_id: str
    folder: str
    is_in_place: bool

    def commit(self) -> None:
        """Shows the version to readers. Raises RunBrokenError with the version before it still shown."""
        if self.is_in_place:
            return
        out, made = Path(self.out), Path(self.folder)
        number = 1 + max((version.number for version in _read_all(out)), default=0)
        about = PublishedVersion(self.run_id, number, None)
        whole = out / VERSIONS / self.run_id
        try:
            _write_about(made, about)
            os.sync()
            made.rename(whole)
            _turn_link(out, self.run_id)
        except OSError as error:
            raise _not_published(self.out, error) from error
        with contextlib.suppress(OSError):  # it is seen now; the next run fills in the time
            _write_about(whole, replace(about, published_at=datetime.now(UTC)))

    def abandon(self) -> None:
        """Removes what was written. In place nothing is taken back: the next run writes it again."""
        if not self.is_in_place:
            shutil.rmtree(self.folder, ignore_errors=True)


def begin(out: str, run_id: str, longest_log: int = LONGEST_LOG) -> Version:
    """A version that holds what is published now. Raises RunBrokenError where it cannot be made."""
    tables = Path(out, TABLES)
    if "://" in out:
        return Version(out, run_id, files.join(out, TABLES), is_in_place=True)
    try:
        sweep(out)
        if not tables.is_symlink():
            if not can_link(out):
                return Version(out, run_id, str(tables), is_in_place=True)
            if tables.is_dir():
                _adopt(Path(out))
        if Path(out, VERSIONS, run_id).exists():
            raise RunBrokenError(
                f"実行 {run_id} はすでに公開されています: {out}。新しい実行を始めてください。"
            )
        made = Path(out, VERSIONS, f".{run_id}")
        if tables.is_dir():
            shutil.copytree(
                tables.resolve(), made, copy_function=os.link, ignore=shutil.ignore_patterns(ABOUT)
            )
            _shorten_logs(made, longest_log)
        else:
            made.mkdir(parents=True)
    except OSError as error:
        raise _not_published(out, error) from error
    return Version(out, run_id, str(made), is_in_place=False)


def can_link(out: str) -> bool:
    """Whether versions can be kept below `out`, which is made where it is missing; tried, not guessed.

    Raises OSError where nothing can be written there.
    """
    if "://" in out:
        return False
    probe = Path(out, f".links-{uuid.uuid4().hex}")
    probe.mkdir(parents=True)
    try:
        file, other = probe / "file", probe / "other"
        file.touch()
        (probe / "hard").hardlink_to(file)
        (probe / "link").symlink_to("file")
        other.symlink_to("hard")
        other.replace(probe / "link")
    except OSError as error:
        if error.errno in _NO_LINKS:
            return False
        raise
    finally:
        shutil.rmtree(probe, ignore_errors=True)
    return True


def sweep(out: str) -> None:
    """Brings order after a killed run: removes versions that were never seen, sets a lost link again.

    To be called before the tables are read for a run. Raises OSError.
    """
    folder = Path(out)
    if "://" in out or not folder.is_dir():
        return
    for left in (*folder.glob(f".{TABLES}-*"), *folder.glob(".links-*"), *folder.glob(f"{VERSIONS}/.*")):
        _remove(left)
    known = _read_all(folder)
    seen = [version for version in known if version.published_at is not None]
    if seen and not (folder / TABLES).exists():
        _turn_link(folder, max(seen, key=_number).run_id)
    shown = current(out)
    for version in known:
        if version.published_at is None and version.run_id == shown:
            _write_about(folder / VERSIONS / version.run_id, replace(version, published_at=datetime.now(UTC)))
        elif version.published_at is None:
            _remove(folder / VERSIONS / version.run_id)


def current(out: str) -> str | None:
    """The run whose version `OUT/tables` shows; None where no versions are kept."""
    tables = Path(out, TABLES)
    return None if "://" in out or not tables.is_symlink() else tables.readlink().name


def snapshot(out: str) -> str:
    """The folder of the tables that are shown now: it stays as it is for as long as versions are kept."""
    shown = current(out)
    return files.join(out, TABLES) if shown is None else files.join(out, VERSIONS, shown)


def list_versions(out: str) -> tuple[PublishedVersion, ...]:
    """The versions that can be read or restored, newest first."""
    known = () if "://" in out else _read_all(Path(out))
    seen = [version for version in known if version.published_at is not None]
    return tuple(sorted(seen, key=_number, reverse=True))


def restore(out: str, run_id: str) -> None:
    """Shows a kept version again; the next run goes on from it. Raises CommandError where it is not kept."""
    kept = [version.run_id for version in list_versions(out)]
    if run_id not in kept:
        raise CommandError(
            f"戻せる版に {run_id} はありません: {out}。残っている版: {'、'.join(kept) or 'なし'}。"
        )
    try:
        _turn_link(Path(out), run_id)
    except OSError as error:
        raise CommandError(
            f"版を切り替えられませんでした: {out}({error})。権限を確かめてください。"
        ) from error


def prune(out: str, keep_days: int, now: datetime) -> tuple[str, ...]:
    """Removes the versions that have not been shown for `keep_days`, and returns their runs.

    The current one and the one before it stay. A version's time is that of the last one up to it which is
    not later than `now`: a clock that was wrong for a night then ages no other night.
    """
    ordered = list_versions(out)[::-1]
    shown = current(out)
    place = next((n for n, version in enumerate(ordered) if version.run_id == shown), 0)
    times = [v.published_at for v in ordered if v.published_at is not None]
    gone = []
    for n, version in enumerate(ordered):
        past = [time for time in times[: n + 2] if time <= now]  # with the one that took its place
        if n not in (place, place - 1) and past and now - max(past) > timedelta(days=keep_days):
            gone.append(version.run_id)
    for run_id in gone:
        _remove(Path(out, VERSIONS, run_id))
    return tuple(gone)


def _adopt(out: Path) -> None:
    """Makes a folder of tables the first version; a reader may miss it between the two renames."""
    known = _read_all(out)
    name = FIRST if not (out / VERSIONS / FIRST).exists() else f"{FIRST}-{uuid.uuid4().hex[:6]}"
    number = 1 + max((version.number for version in known), default=0)
    _write_about(out / TABLES, PublishedVersion(name, number, datetime.now(UTC)))
    (out / VERSIONS).mkdir(exist_ok=True)
    (out / TABLES).rename(out / VERSIONS / name)
    _turn_link(out, name)


def _shorten_logs(made: Path, longest: int) -> None:
    from pipeline.publishing.delta import log_length, renew_log

    for table in made.iterdir():
        if log_length(table) > longest:
            renew_log(table)


def _turn_link(out: Path, run_id: str) -> None:
    scratch = out / f".{TABLES}-{uuid.uuid4().hex}"
    scratch.symlink_to(f"{VERSIONS}/{run_id}", target_is_directory=True)  # relative: OUT may be moved
    scratch.replace(out / TABLES)
    files.sync_folder(out)


def _remove(path: Path) -> None:
    """Removes a folder or link so that, killed half-way, it leaves nothing that looks like a version."""
    if path.is_symlink():
        path.unlink()
        return
    hidden = path if path.name.startswith(".") else path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    path.rename(hidden)
    shutil.rmtree(hidden)


def _read_all(out: Path) -> list[PublishedVersion]:
    return [
        PublishedVersion(about.parent.name, values["number"], _time(values["published_at"]))
        for about in sorted(out.glob(f"{VERSIONS}/[!.]*/{ABOUT}"))
        for values in (json.loads(about.read_text()),)
    ]


def _time(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)


def _number(version: PublishedVersion) -> int:
    return version.number


def _write_about(folder: Path, about: PublishedVersion) -> None:
    values = asdict(about) | {"published_at": about.published_at and about.published_at.isoformat()}
    files.write_whole(str(folder / ABOUT), f"{json.dumps(values)}\n".encode())


def _not_published(out: str, error: OSError) -> RunBrokenError:
    return RunBrokenError(
        f"公開の準備ができませんでした: {out}({error})。公開済みの表は変えていません。"
        "空き容量と書き込みの権限を確かめて、同じコマンドをもう一度実行してください。"
    )
