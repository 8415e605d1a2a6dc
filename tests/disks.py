"""Small disks to fill, where this machine lets a test mount one."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CAP_SYS_ADMIN = 21


@contextmanager
def small_disk(folder: Path, *, mebibytes: int) -> Iterator[Path]:
    """A disk of that size on a new folder, in memory. Skips where mounting is not permitted."""
    folder.mkdir()
    if not _may_mount():
        pytest.skip("to mount a small disk a test must be root, with CAP_SYS_ADMIN, on Linux")
    options = f"size={mebibytes}m"
    mounting = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    mounted = subprocess.run(mounting, capture_output=True, text=True, check=False)
    if mounted.returncode:
        why = f"a small disk could not be mounted: {mounted.stderr.strip()}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _may_mount() -> bool:
    status = Path("/proc/self/status")
    if shutil.which("mount") is None or not status.exists():
        return False
    found = next(line for line in status.read_text().splitlines() if line.startswith("CapEff:"))
    return bool(int(found.split()[1], 16) >> CAP_SYS_ADMIN & 1)
