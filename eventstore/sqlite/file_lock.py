"""Where the log's file may be, and the lock by which it has one writer."""

import json
import os
import socket
from pathlib import Path

from eventstore.port import StoreUnavailable
from runtime.files import open_locked, sync_folder

NETWORK_FILE_SYSTEMS = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4",
     "ocfs2", "smb3", "smbfs"}
)  # fmt: skip
"""SQLite's write-ahead log needs locks and shared memory that these, and fuse.*, do not have."""

MOUNTS = Path("/proc/mounts")


def prepare(path: Path) -> None:
    """Create the folder (0700) and an empty file (0600) if missing.

    Raises StoreUnavailable for a network file system, and if they cannot be created.
    """
    folder = path.parent
    try:
        _make_folder(folder)
        refuse_network(folder)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            sync_folder(folder)
    except OSError as error:
        raise StoreUnavailable(f"{path}: cannot be created ({error.strerror})") from error


def refuse_links(path: Path) -> None:
    """Raises StoreUnavailable if the file has several names (hard links).

    Another process could write it by its other name, as each name has its own lock file and
    write-ahead log. And a copy that is a link changes with the log: it is no backup.
    """
    names = path.stat().st_nlink
    if names > 1:
        raise StoreUnavailable(
            f"{path} has {names} names (hard links) and could be written by each of them: find"
            f" them with `find / -xdev -samefile {path}` and delete all but this one (to keep"
            " a copy, create it with `daybook migrate --to`)"
        )


def refuse_network(folder: Path) -> None:
    """Raises StoreUnavailable if the folder is on a network file system by /proc/mounts."""
    if not MOUNTS.exists():
        return
    kind = file_system(folder, MOUNTS.read_text(encoding="utf-8", errors="surrogateescape"))
    if kind in NETWORK_FILE_SYSTEMS or kind.startswith("fuse."):
        raise StoreUnavailable(
            f"{folder} is on a network file system ({kind}), where a log would be damaged: "
            "use a folder on a local disk"
        )


def file_system(folder: Path, mounts: str) -> str:
    """The type of the file system that holds a folder, from the text of /proc/mounts."""
    kind, longest = "", -1
    for line in mounts.splitlines():
        fields = line.split(" ")
        # Spaces in a mount point are written as \040; a later line covers an earlier one.
        point = Path(fields[1].replace("\\040", " "))
        if folder.is_relative_to(point) and len(point.parts) >= longest:
            kind, longest = fields[2], len(point.parts)
    return kind


class WriterLock:
    """An advisory lock beside the log, held while its process lives. The file names the process."""

    def __init__(self, path: Path) -> None:
        """Raises StoreUnavailable if it is held already, by another process or by this one."""
        lock = path.with_name(path.name + ".lock")
        try:
            file = open_locked(lock)
        except OSError as error:
            raise StoreUnavailable(
                f"{lock}: cannot be locked ({error.strerror}): use a folder on a local disk that"
                " this process may write to"
            ) from error
        if file is None:
            raise StoreUnavailable(
                f"{path} is being written by {_holder(lock)}: send commands to that one, or stop it"
            )
        self._file = file
        os.ftruncate(file, 0)
        own = {"pid": os.getpid(), "host": socket.gethostname()}
        os.pwrite(file, json.dumps(own).encode(), 0)

    def release(self) -> None:
        os.close(self._file)


def _holder(lock: Path) -> str:
    try:
        holder = json.loads(lock.read_text(encoding="utf-8"))
        return f"process {holder['pid']} on {holder['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"  # it has the lock but has not written its name yet


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)
