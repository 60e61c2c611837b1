"""What decides how a page is read, in one short name: equal names read the same bytes alike."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from ocr.engines.engine import Engine
from ocr.engines.registry import orientation_of
from ocr.engines.second_engine import WithSecond
from ocr.limits import Limits

PACKAGE = "ocr"
# Reading begins here; what it does not come to (exports, overlays, processes) changes nothing that is read.
READER = "ocr.reading.reader"
# It knows every engine by name and imports the one that is asked for.
REGISTRY = "ocr.engines.registry"
_SOURCE = Path(__file__).parents[1]
_UNTOLD = frozenset({"type_comment", "kind", "ctx"})
_NO_DATA = frozenset({".py", ".pyc", ".typed"})


def reading_fingerprint(engine: Engine, limits: Limits) -> str:
    """The engine's name and a digest of its versions and settings, the limits, and the code that reads.

    What tells how pages lie counts, too: the engine itself, or the networks that do it for one that cannot.

    The code stands for a version number that nobody can forget to raise: what was read by other clean-up or
    structure code is read again. It is its definitions that count, without comments, documentation, and
    without the file that each stands in.
    """
    engines = (engine.first, engine.second) if isinstance(engine, WithSecond) else (engine,)
    orientation = orientation_of(engines[0])
    modules = tuple(sorted({type(one).__module__ for one in (*engines, orientation)}))
    parts = [engine.fingerprint, orientation.fingerprint, repr(limits), code_digest(_SOURCE, modules)]
    told = "\n".join(parts)
    return f"{engine.name}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


@cache
def code_digest(source: Path, engines: tuple[str, ...]) -> str:
    """A digest of all that is defined in the modules that reading with the modules `engines` needs, and of
    the data beside them; `source` is the folder of the package."""
    told = [
        digest for module in _reading_modules(source, (READER, *engines)) for digest in module.definitions
    ]
    data = (path for path in source.rglob("*") if path.is_file() and path.suffix not in _NO_DATA)
    told += [hashlib.sha256(path.read_bytes()).hexdigest() for path in data]
    return hashlib.sha256("\n".join(sorted(told)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Module:
    """What counts of a module: the names that it imports at its top and anywhere, modules and what may be
    modules, and a digest of each of its definitions."""

    imported: frozenset[str]
    imported_anywhere: frozenset[str]
    definitions: tuple[str, ...]


@lru_cache(maxsize=1024)
def _parsed(content: bytes) -> _Module:
    tree = ast.parse(content)
    digests = (hashlib.sha256(told.encode()).hexdigest() for told in _definitions(tree))
    return _Module(frozenset(_imported(tree.body)), frozenset(_imported(ast.walk(tree))), tuple(digests))


def _reading_modules(source: Path, entries: tuple[str, ...]) -> list[_Module]:
    """The modules of this package that `entries` import, one through the other."""
    found: dict[str, _Module] = {}
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        file = _file_of(source, name)
        if name in found or file is None:
            continue
        found[name] = module = _parsed(file.read_bytes())
        waiting.extend(module.imported if name == REGISTRY else module.imported_anywhere)
    return [*found.values()]


def _file_of(source: Path, module: str) -> Path | None:
    """Where a module of this package lies; None for any other name."""
    package, *parts = module.split(".")
    if package != PACKAGE:
        return None
    place = source.joinpath(*parts)
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()), None)


def _imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _definitions(tree: ast.Module) -> Iterator[str]:
    """What a module defines, statement by statement; where it takes the rest from does not count."""
    for statement in tree.body:
        if not isinstance(statement, ast.Import | ast.ImportFrom) and not _is_text(statement):
            yield _told(statement)


def _told(node: object) -> str:
    """A syntax tree as text, the same for every version of Python that can read it."""
    if isinstance(node, ast.AST):
        fields = [(name, getattr(node, name, None)) for name in node._fields if name not in _UNTOLD]
        told = [f"{name}={_told(value)}" for name, value in fields if value is not None and value != []]
        return f"{type(node).__name__}({','.join(told)})"
    if isinstance(node, list):
        return "[" + ",".join([_told(item) for item in node if not _is_text(item)]) + "]"
    return repr(node)


def _is_text(node: object) -> bool:
    """Whether a statement is a string alone: documentation."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
