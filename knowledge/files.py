"""The files of a pack's folder: which are read, and their bytes. Trusts nothing it finds."""

from __future__ import annotations

import difflib
import os
import stat
from pathlib import Path

from knowledge.problem import Problem, Unreadable
from knowledge.text import MAX_FILE_BYTES, TOO_LARGE

FLAT = ("manifest.yaml", "site.yaml", "faq.yaml", "lexicon.yaml", "notices.yaml", "tests.jsonl")
"""The files at the top of a pack, in the order in which they are read."""

QUESTIONS = "faq"
"""Where the rows of faq.yaml go on, when they are too many for one file: faq/*.yaml."""

GUIDES = "guides"
FOLDERS = (QUESTIONS, GUIDES)
_FOLDER_OF = {
    QUESTIONS: "must be a folder that holds files like faq.yaml",
    GUIDES: "must be a folder that holds one file for each guide",
}


def known(name: str) -> bool:
    """Whether `name` is a file that a pack may have."""
    folder, slash, guide = name.rpartition("/")
    if not slash:
        return name in FLAT
    shown = guide.isprintable() and "\\" not in guide and not guide.startswith(".")
    return folder in FOLDERS and guide.endswith(".yaml") and shown


def contents(folder: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """Every file's bytes by name, in a fixed order, and what could not be read."""
    found: dict[str, bytes] = {}
    problems: list[Problem] = []
    try:
        names = _names(folder)
    except Unreadable as error:
        return {}, [error.problem]
    for name in names:
        try:
            found[name] = _bytes(folder / name, name)
        except Unreadable as error:
            problems.append(error.problem)
    return found, problems


def is_file(path: Path) -> bool:
    """Whether `path` leads to an ordinary file; False for what can be no path at all."""
    try:
        return path.is_file()
    except OSError:  # a name longer than the file system takes
        return False


def is_folder(path: Path) -> bool:
    """As `is_file`, of a folder."""
    try:
        return path.is_dir()
    except OSError:
        return False


def strays(folder: Path) -> list[Problem]:
    """Warnings for files that look like part of the pack but are not read."""
    problems = [_stray(name, FLAT) for name in _listed(folder) if name not in FOLDERS]
    for inside in FOLDERS:
        if (folder / inside).is_dir():
            problems += [_stray(f"{inside}/{name}", ()) for name in _listed(folder / inside)]
    return [each for each in problems if each is not None]


def _names(folder: Path) -> list[str]:
    names = [name for name in FLAT if os.path.lexists(folder / name)]
    for inside in FOLDERS:
        if not os.path.lexists(folder / inside):
            continue
        if (folder / inside).is_symlink() or not (folder / inside).is_dir():
            raise Unreadable(inside, 1, _FOLDER_OF[inside])
        files = [name for name in _listed(folder / inside) if name.endswith(".yaml")]
        names += [f"{inside}/{name}" for name in files]
    return names


def _listed(folder: Path) -> list[str]:
    try:
        return sorted(each.name for each in folder.iterdir() if not each.name.startswith("."))
    except OSError as error:
        raise Unreadable(folder.name, 1, f"cannot be listed ({error.strerror})") from error


def _bytes(path: Path, name: str) -> bytes:
    if not known(name):
        raise Unreadable(_shown(name), 1, "a file name with odd characters; rename it")
    try:
        info = path.lstat()
        if stat.S_ISLNK(info.st_mode):
            raise Unreadable(name, 1, "a link; put the file itself here")
        if stat.S_ISDIR(info.st_mode):
            raise Unreadable(name, 1, "a folder stands in place of the file")
        if not stat.S_ISREG(info.st_mode):
            raise Unreadable(name, 1, "not an ordinary file")
        if info.st_size > MAX_FILE_BYTES:
            raise Unreadable(name, 1, TOO_LARGE)
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(name, 1, f"cannot be read ({error.strerror})") from error


def _stray(name: str, expected: tuple[str, ...]) -> Problem | None:
    ours = name.isprintable() and name.lower().endswith((".yaml", ".yml", ".jsonl"))
    if known(name) or not ours:
        return None
    near = difflib.get_close_matches(name.lower(), expected, n=1, cutoff=0.7)
    meant = f"; did you mean {near[0]}?" if near else "; guides are guides/….yaml"
    return Problem(name, 1, f"this file is not read{meant}", warning=True)


def _shown(name: str) -> str:
    """`name` as it can be printed: a name from a broken archive may hold anything."""
    return name if name.isprintable() else ascii(name).strip("'")
