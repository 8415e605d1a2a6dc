"""Frames out of bytes, however they are split, with the line ends and the marks that there are."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybook_client.sse import BadStream, Frame, Frames

LINES = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=("Cs",)), max_size=30)
IDS = st.none() | st.integers(0, 10**18).map(str)
EVENTS = st.sampled_from(["", "OrderPlaced", "caught-up", "a b:c"])
FRAMES = st.builds(Frame, IDS, EVENTS, st.none() | st.lists(LINES, min_size=1).map("\n".join))
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


def written(frame: Frame, end: bytes) -> bytes:
    lines = [":"]
    if frame.id is not None:
        lines.append(f"id: {frame.id}")
    if frame.event:
        lines.append(f"event:{' ' if frame.event.startswith('O') else ''}{frame.event}")
    if frame.data is not None:
        lines += [f"data: {line}" for line in frame.data.split("\n")]
    lines += ["unknown: field", ": a comment"]
    return b"".join(line.encode() + end for line in lines) + end


def read(pieces: list[bytes], bytes_max: int = 100_000) -> list[Frame]:
    frames = Frames(bytes_max)
    return [frame for piece in pieces for frame in frames.feed(piece)]


@given(st.lists(st.tuples(FRAMES, ENDS)), st.booleans(), st.data())
def test_frames_are_the_same_however_the_bytes_are_split(
    sent: list[tuple[Frame, bytes]], has_mark: bool, data: st.DataObject
) -> None:
    whole = (b"\xef\xbb\xbf" if has_mark else b"") + b"".join(written(*each) for each in sent)
    cuts = data.draw(st.lists(st.integers(0, len(whole)), max_size=12).map(sorted))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]

    expected = [frame for frame, _ in sent if frame != Frame(None, "", None)]
    assert read(pieces) == expected
    assert read([whole[i : i + 1] for i in range(len(whole))]) == expected


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_rubbish_gives_frames_or_is_refused(pieces: list[bytes]) -> None:
    try:
        found = read(pieces, bytes_max=200)
    except BadStream:
        return
    whole = b"".join(pieces)
    assert len(found) <= len(re.findall(rb"[\r\n]", whole))


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_frame_that_is_cut_in_the_middle_is_none(end: bytes) -> None:
    whole = written(Frame("7", "OrderPlaced", "{}"), end)
    assert read([whole[: -len(end)]]) == []
    assert read([whole]) == [Frame("7", "OrderPlaced", "{}")]


def test_a_frame_of_any_length_is_bounded_whether_its_lines_end_or_not() -> None:
    for piece in (b"data: " + b"x" * 50 + b"\n", b"x" * 50):
        with pytest.raises(BadStream, match="over 1,000 bytes"):
            read([piece] * 30, bytes_max=1_000)


def test_comments_may_go_on_for_ever() -> None:
    frames = Frames(100)
    for _ in range(1_000):
        assert frames.feed(b": still here\n\n") == []


def test_text_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(BadStream, match="not UTF-8"):
        read([b"data: \xff\n\n"])
