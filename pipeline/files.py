"""Whole files on any of Beam's filesystems: a local path, gs://, s3://, hdfs://."""

from __future__ import annotations

import uuid

_AS_IT_IS = "uncompressed"  # else Beam unpacks by the file's ending


def join(folder: str, *parts: str) -> str:
    """The path or URI below `folder`."""
    return "/".join([folder.rstrip("/"), *parts])


def exists(path: str) -> bool:
    from apache_beam.io.filesystems import FileSystems

    return bool(FileSystems.exists(path))


def read(path: str) -> bytes:
    """The file's bytes. Raises OSError where it cannot be read."""
    from apache_beam.io.filesystems import FileSystems

    with FileSystems.open(path, compression_type=_AS_IT_IS) as stream:
        data: bytes = stream.read()
    return data


def write_whole(path: str, data: bytes) -> None:
    """Writes the file so that a reader sees all of it or nothing; its folders are made. Raises OSError."""
    from apache_beam.io.filesystems import FileSystems

    make_folder(path.rsplit("/", 1)[0])
    scratch = f"{path}.{uuid.uuid4().hex}"
    with FileSystems.create(scratch, compression_type=_AS_IT_IS) as stream:
        stream.write(data)
    FileSystems.rename([scratch], [path])


def make_folder(folder: str) -> None:
    """Makes `folder` and its parents; another process may have made it meanwhile. Raises OSError."""
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
