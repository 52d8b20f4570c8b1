"""File names that a partner chose: they never lead out of the folder they are meant for."""

from __future__ import annotations

from pathlib import Path

from gateway.errors import Malformed

LONGEST_NAME_BYTES = 200  # file systems end at 255; our temporary names need some of it


def safe_name(name: str) -> str:
    """``name`` if it is one plain file name.

    Raises Malformed (``path-outside-folder``) for separators, ``..``, control characters, a leading dot, an empty or an
    overlong name.
    """
    plain = name and not name.startswith(".") and not any(character in "/\\" or character < " " for character in name)
    if not plain or len(name.encode("utf-8", "surrogateescape")) > LONGEST_NAME_BYTES:
        raise Malformed("this is not a plain file name", code="path-outside-folder", where=repr(name[:200]))
    return name


def inside(folder: Path, name: str) -> Path:
    """The local path of ``name`` in ``folder``. Raises Malformed (``path-outside-folder``)."""
    return folder / safe_name(name)


def remote_inside(folder: str, name: str) -> str:
    """The remote path of ``name`` in ``folder``. Raises Malformed (``path-outside-folder``)."""
    return f"{folder.rstrip('/')}/{safe_name(name)}" if folder else safe_name(name)


def split(remote: str) -> tuple[str, str]:
    """Folder (with its slash) and name of a remote path. Raises Malformed for an unsafe name or a part ``..``."""
    folder, slash, name = remote.rpartition("/")
    if ".." in folder.split("/") or "\0" in folder:
        raise Malformed("this path climbs", code="path-outside-folder", where=repr(remote[:200]))
    return folder + slash, safe_name(name)
