"""Whole files on local disks and on Beam's filesystems: gs://, s3://, hdfs://."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

_AS_IT_IS = "uncompressed"  # else Beam unpacks by the file's ending


def is_remote(path: str) -> bool:
    """Whether `path` is a URI. Local paths are served without Beam, which takes a second to load."""
    return "://" in path


def join(folder: str, *parts: str) -> str:
    """The path or URI below `folder`."""
    return "/".join([folder.rstrip("/"), *parts])


def exists(path: str) -> bool:
    if not is_remote(path):
        return Path(path).exists()
    from apache_beam.io.filesystems import FileSystems

    return bool(FileSystems.exists(path))


def read(path: str) -> bytes:
    """The file's bytes. Raises OSError where it cannot be read."""
    if not is_remote(path):
        return Path(path).read_bytes()
    from apache_beam.io.filesystems import FileSystems

    with FileSystems.open(path, compression_type=_AS_IT_IS) as stream:
        data: bytes = stream.read()
    return data


def write_whole(path: str, data: bytes, *, durable: bool = False) -> None:
    """Writes the file so that a reader sees all of it or nothing; its folders are made. Raises OSError.

    A `durable` local file is there after a power cut, too.
    """
    folder = path.rpartition("/")[0] or "."
    make_folder(folder)
    scratch = join(folder, f".{uuid.uuid4().hex}")  # a name as long as the file's own might be too long
    if not is_remote(path):
        _write_local(Path(path), Path(scratch), data, durable)
        return
    from apache_beam.io.filesystems import FileSystems

    with FileSystems.create(scratch, compression_type=_AS_IT_IS) as stream:
        stream.write(data)
    FileSystems.rename([scratch], [path])


def _write_local(path: Path, scratch: Path, data: bytes, durable: bool) -> None:
    try:
        with scratch.open("wb") as stream:
            stream.write(data)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        scratch.replace(path)
    except OSError:
        scratch.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Brings the names in a local folder to the disk. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: str) -> None:
    """Makes `folder` and its parents; another process may have made it meanwhile. Raises OSError."""
    if not is_remote(folder):
        Path(folder).mkdir(parents=True, exist_ok=True)
        return
    from apache_beam.io.filesystems import FileSystems

    if exists(folder):
        return
    try:
        FileSystems.mkdirs(folder)
    except OSError:
        if not exists(folder):
            raise


def remove_tree(folder: str) -> None:
    """Removes `folder` and all below it; a folder that is not there is no error."""
    from apache_beam.io.filesystems import FileSystems

    if exists(folder):
        FileSystems.delete([folder])
