"""Ids: what shows as empty is none, however it is made."""

import re
import sys
import unicodedata
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.values import INVISIBLE, INVISIBLE_ABOVE_FFFF, is_id, is_new_id
from tests.ids import EXAMPLES, NEVER_IN_IDS, NO_IDS, WHITE_SPACE, is_invisible
from tests.ids import INVISIBLE as EMPTY

BLANK: Final = re.compile(f"[{INVISIBLE}{INVISIBLE_ABOVE_FFFF}]")


def test_the_list_of_invisible_characters_is_that_of_unicode() -> None:
    """Those that this Python's Unicode does not know yet are taken as visible."""
    known = [chr(n) for n in range(sys.maxunicode + 1) if not 0xD800 <= n < 0xE000]
    listed = {character for character in known if BLANK.match(character)}
    invisible = {character for character in known if is_invisible(character)}

    assert {hex(ord(character)) for character in invisible - listed} == {
        hex(ord(character)) for character in invisible & {*WHITE_SPACE, *NEVER_IN_IDS} - listed
    }
    assert {
        hex(ord(character))
        for character in listed - invisible
        if unicodedata.category(character) != "Cn"
    } == set()


@pytest.mark.parametrize("text", EXAMPLES, ids=ascii)
def test_ids_from_outside_are_ids(text: str) -> None:
    assert is_new_id(text)


@pytest.mark.parametrize("text", NO_IDS, ids=ascii)
def test_what_is_no_id_is_none(text: str) -> None:
    assert not is_id(text)
    assert not is_new_id(text)


@pytest.mark.parametrize("text", EMPTY, ids=ascii)
def test_what_shows_as_empty_is_no_new_id(text: str) -> None:
    assert is_id(text)
    assert not is_new_id(text)


@given(st.text(st.sampled_from("a \u200b\u3164\U000e0041/\t"), max_size=8))
def test_an_id_has_no_white_space_at_its_ends_and_something_visible(text: str) -> None:
    allowed = not set(text) & set(NEVER_IN_IDS)
    assert is_new_id(text) == (
        allowed and text == text.strip() and any(not is_invisible(each) for each in text)
    )
