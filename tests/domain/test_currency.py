import re

import pytest

from domain.currency import EXPONENTS


@pytest.mark.parametrize(
    ("code", "exponent"),
    [
        ("EUR", 2),
        ("BRL", 2),
        ("JPY", 0),
        ("KRW", 0),
        ("CLP", 0),
        ("KWD", 3),
        ("TND", 3),
        ("CLF", 4),
        ("UYW", 4),
        ("XOF", 0),
        ("MGA", 2),
        ("DEM", 2),
        ("ITL", 0),
        ("BGN", 2),
        ("HRK", 2),
    ],
)
def test_a_currency_has_its_exponent(code: str, exponent: int) -> None:
    assert EXPONENTS[code] == exponent


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "eur", ""])
def test_metals_and_units_of_account_are_no_currencies(code: str) -> None:
    assert code not in EXPONENTS


def test_codes_are_three_capital_letters_each_once() -> None:
    assert all(re.fullmatch("[A-Z]{3}", code) for code in EXPONENTS)
    assert len(EXPONENTS) == 165 + 126
