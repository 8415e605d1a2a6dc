from pathlib import Path

import pytest

from runtime import files
from runtime.files import write_durably


def test_a_file_that_cannot_be_written_is_as_it_was_and_nothing_is_left_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "head"
    write_durably(path, b"old")

    def full(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_durably(path, b"new")

    assert [file.name for file in tmp_path.iterdir()] == ["head"]
    assert path.read_bytes() == b"old"
