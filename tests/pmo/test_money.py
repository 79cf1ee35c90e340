"""Amounts of money: read strictly, kept in whole minor units, split and shown without losing any."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmo.amount_faults import AmountRefused, not_an_amount
from pmo.currencies import CURRENCIES
from pmo.money import (
    LIMIT,
    CurrencyMismatch,
    Money,
    allocate,
    exponent,
    format_exact,
    format_plain,
    format_short,
    parse_amount,
    parse_unrounded,
    round_half_even,
    to_decimal,
)

amounts = st.integers(-LIMIT, LIMIT)
currencies = st.sampled_from(CURRENCIES)


def test_a_yen_has_no_decimals_a_dinar_three_and_a_unidad_de_fomento_four() -> None:
    assert {code: exponent(code) for code in ("EUR", "JPY", "KWD", "CLF")} == {
        "EUR": 2,
        "JPY": 0,
        "KWD": 3,
        "CLF": 4,
    }
    assert "EUR" in CURRENCIES and list(CURRENCIES) == sorted(set(CURRENCIES))
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in CURRENCIES)


@pytest.mark.parametrize(
    "code", ["", "eur", "EURO", "XAU", "XXX", "XDR", "ZZZ", "€", "\uff25\uff35\uff32", "DEM", None]
)
def test_money_is_not_held_in_what_is_no_currency(code: str) -> None:
    with pytest.raises(AmountRefused):
        exponent(code)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("0", "EUR", 0),
        ("0.0", "EUR", 0),
        ("0.05", "EUR", 5),
        ("1234.5", "EUR", 123450),
        ("  1234.50\t", "EUR", 123450),
        ("1,234.50", "EUR", 123450),
        ("1,234,567", "EUR", 123456700),
        ("1 234 567.89", "EUR", 123456789),
        ("1\u00a0234", "EUR", 123400),
        ("1\u202f234.5", "EUR", 123450),
        ("1'234.50", "CHF", 123450),
        ("1\u2019234", "CHF", 123400),
        ("1,234", "JPY", 1234),
        ("1234", "JPY", 1234),
        ("1.234", "KWD", 1234),
        ("1,234.567", "KWD", 1234567),
        ("1.2345", "CLF", 12345),
        ("10000000000000", "EUR", LIMIT),
        ("1000000000000000", "JPY", LIMIT),
    ],
)
def test_what_a_person_writes_is_read_to_the_minor_unit(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor
    assert parse_amount("-" + text.strip(), currency, signed=True) == -minor if minor else True


REFUSED = [
    *[
        "1_000",
        "1e3",
        "1E3",
        "1e-3",
        "1E9999999",
        "NaN",
        "nan",
        "Infinity",
        "-Infinity",
        "inf",
        "+5",
        "--5",
        "-5",
        "-0",
        "-0.00",
        "5-",
        "(5)",
        "(5.00)",
    ],
    *[
        ".5",
        "5.",
        ".",
        "-",
        ",",
        "1.",
        "00",
        "007",
        "01.50",
        "1,23",
        "1,23,456",
        "12,34",
        "1234,567",
        "1,234",
        "12,345",
        "123,456",
        "1,,234",
        ",234",
        "5,00",
    ],
    *[
        "1.234.567",
        "1.234,56",
        "1.2.3",
        "1,234,56",
        "1.005",
        "1.0000",
        "0.001",
        "10000000000000.01",
        "99999999999999",
    ],
    *[
        "€5",
        "5€",
        "$5",
        "0x10",
        "0b1",
        "1/2",
        "5%",
        "1k",
        "2M",
        "five",
        "null",
        "None",
        "True",
        "=1+1",
        "'5",
        "5'",
        "1'23",
        "5;6",
    ],
    *["1,234 567", "1 234,567", "1 23", "1  234", "5 EUR", "EUR 5", "5 5", "1 2345"],
    *[
        "\uff11\uff12",
        "\uff15",
        "\u0661\u0662\u0663",
        "\u0967\u0968",
        "\u00b2",
        "\u00bd",
        "\u2167",
        "1\uff0e5",
    ],
    *["1\u2009234", "1\u200b234", "5\u0000", "\u22125", "1\n2", "1\r\n", "1234567890" * 7],
]


@pytest.mark.parametrize("text", [*REFUSED, "", " ", "\u00a0", "\t\n", "9" * 100_000, "5\n"])
def test_what_could_be_read_two_ways_or_is_no_amount_is_refused_in_euro(text: str) -> None:
    with pytest.raises(AmountRefused) as refusal:
        parse_amount(text, "EUR")
    assert refusal.value.message.endswith(".")
    assert len(refusal.value.message) < 200
    assert refusal.value.message.isprintable()


def test_at_least_sixty_texts_are_refused() -> None:
    assert len(set(REFUSED)) > 60


@pytest.mark.parametrize("text", ["1.0", "1.5", "1,23", "0.0"])
def test_a_yen_amount_with_decimals_is_refused(text: str) -> None:
    with pytest.raises(AmountRefused):
        parse_amount(text, "JPY")


@pytest.mark.parametrize(
    "text", ["-0", "-0.00", "- 5", "--5", "-", "5-", "-.5", "-10000000000000.01", "\u22125"]
)
def test_a_sign_is_only_read_where_it_means_something(text: str) -> None:
    with pytest.raises(AmountRefused):
        parse_amount(text, "EUR", signed=True)


def test_a_number_that_is_no_text_is_a_defect_and_no_amount() -> None:
    for value in (5, 5.0, Decimal(5), None, b"5"):
        with pytest.raises(TypeError):
            parse_amount(value, "EUR")  # type: ignore[arg-type]


@given(amounts, currencies)
def test_every_amount_shown_exactly_is_read_back_as_itself(minor: int, currency: str) -> None:
    assert parse_amount(format_plain(minor, currency), currency, signed=True) == minor
    shown, code = format_exact(minor, currency).rsplit(" ", 1)
    assert code == currency
    assert parse_amount(shown, currency, signed=True) == minor
    assert to_decimal(minor, currency) * 10 ** exponent(currency) == minor
    assert parse_unrounded(format_plain(minor, currency), currency, signed=True) == minor


@given(st.text(max_size=60), currencies, st.booleans())
def test_any_text_is_either_refused_or_means_what_its_digits_say(
    text: str, currency: str, signed: bool
) -> None:
    try:
        minor = parse_amount(text, currency, signed=signed)
    except AmountRefused:
        return
    kept = "".join(letter for letter in text if letter in "-.0123456789")
    assert minor == Fraction(kept) * 10 ** exponent(currency)


@given(st.from_regex(r"-?[0-9]{1,4}([,.' ][0-9]{1,3}){0,3}", fullmatch=True), currencies)
def test_a_text_that_looks_like_an_amount_is_refused_or_read_exactly(text: str, currency: str) -> None:
    try:
        minor = parse_amount(text, currency, signed=True)
    except AmountRefused:
        return
    kept = "".join(letter for letter in text if letter in "-.0123456789")
    assert minor == Fraction(kept) * 10 ** exponent(currency)


def test_sub_cent_rates_are_read_exactly_and_rounded_only_when_stored() -> None:
    assert parse_unrounded("3045.3616", "EUR") == Fraction(30453616, 100)
    assert round_half_even(parse_unrounded("3045.3616", "EUR")) == 304536
    assert parse_unrounded("33333.333333333336", "EUR") == Fraction(33333333333333336, 10**10)
    with pytest.raises(AmountRefused):
        parse_unrounded("1.123", "EUR", decimals=2)
    with pytest.raises(AmountRefused):
        parse_unrounded("1,234", "EUR")
    with pytest.raises(AmountRefused):
        parse_unrounded("10000000000000.006", "EUR")


def test_a_rate_has_sixteen_decimals_and_no_sign_unless_more_is_asked_for() -> None:
    assert parse_unrounded(f"1.{'0' * 15}1", "EUR") == 100 + Fraction(1, 10**14)
    for text in (f"1.{'0' * 16}1", "-1"):
        with pytest.raises(AmountRefused):
            parse_unrounded(text, "EUR")


def test_forty_characters_are_read_and_one_more_is_not() -> None:
    assert parse_unrounded(f" 0.{'0' * 37}1 ", "EUR", decimals=38) == Fraction(1, 10**36)
    with pytest.raises(AmountRefused, match=r"^An amount has at most 40 characters\.$"):
        parse_unrounded(f"0.{'0' * 38}1", "EUR", decimals=39)


@pytest.mark.parametrize(
    ("text", "currency", "sentence"),
    [
        ("1.005", "EUR", "“1.005” has 3 decimals; at most 2 decimals fit here."),
        ("1.5", "JPY", "“1.5” has 1 decimals; no decimals fit here."),
        ("99999999999999", "EUR", "An amount can be at most 10,000,000,000,000.00 EUR."),
        ("99999999999999999", "JPY", "An amount can be at most 1,000,000,000,000,000 JPY."),
        ("-0", "EUR", "“-0” is not an amount: zero has no sign."),
        ("1\u200b2", "EUR", "'1\\u200b2' is not an amount: write it like 1234.50."),
    ],
)
def test_a_refusal_says_what_is_wrong(text: str, currency: str, sentence: str) -> None:
    with pytest.raises(AmountRefused) as refused:
        parse_amount(text, currency)
    assert refused.value.message == sentence


def test_a_refusal_speaks_of_the_decimal_sign_of_whoever_wrote_it() -> None:
    assert not_an_amount("1.234,56").message == (
        "“1.234,56” is not an amount: the decimal sign is a point, as in 1234.50."
    )
    assert not_an_amount("1,234.56", decimal=",").message == (
        "“1,234.56” is not an amount: the decimal sign is a comma, as in 1234,50."
    )
    assert not_an_amount("1,234.56").message == "“1,234.56” is not an amount: write it like 1234.50."


def test_what_was_written_is_quoted_whole_up_to_sixty_characters() -> None:
    for length, shown in ((58, f"“{'X' * 58}”"), (59, f"“{'X' * 56}...")):
        with pytest.raises(AmountRefused) as refused:
            exponent("X" * length)
        assert refused.value.message == f"{shown} is not an ISO 4217 currency with a minor unit."


def test_no_size_that_money_cannot_have_is_rounded() -> None:
    assert round_half_even(Decimal("1E30")) == 10**30
    for text in ("1E31", "-1E31"):
        with pytest.raises(AmountRefused):
            round_half_even(Decimal(text))
    assert [round_half_even(Decimal(text)) for text in ("0.6", "0.06", "-0.6")] == [1, 0, -1]


def test_a_half_goes_to_the_even_cent() -> None:
    assert [round_half_even(Fraction(n, 2)) for n in (-5, -3, -1, 1, 3, 5)] == [-2, -2, 0, 0, 2, 2]
    assert [round_half_even(Decimal(text)) for text in ("0.5", "1.5", "2.5", "2.51", "-2.5")] == [
        0,
        2,
        2,
        3,
        -2,
    ]
    assert round_half_even(Decimal("1E-9999999")) == 0
    assert round_half_even(7) == 7
    for text in ("1E9999999", "NaN", "Infinity"):
        with pytest.raises(AmountRefused):
            round_half_even(Decimal(text))
    with pytest.raises(TypeError):
        round_half_even(0.5)  # type: ignore[arg-type]


@given(amounts, st.lists(st.fractions(0, 10**6), min_size=1, max_size=30))
def test_a_split_loses_nothing_and_each_part_is_within_one_cent_of_its_share(
    total: int, weights: list[Fraction]
) -> None:
    whole = sum(weights)
    if whole == 0:
        weights[0] = whole = Fraction(1)
    parts = allocate(total, weights)
    assert sum(parts) == total
    assert all(abs(part - total * weight / whole) < 1 for part, weight in zip(parts, weights, strict=True))
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


def test_a_hundred_euro_among_three_gives_the_first_the_odd_cent() -> None:
    assert allocate(10000, [1, 1, 1]) == [3334, 3333, 3333]
    assert allocate(-10000, [1, 1, 1]) == [-3334, -3333, -3333]
    assert allocate(5, [0, 3, 7]) == [0, 2, 3]
    assert allocate(0, [0, 0]) == [0, 0]
    assert Money(10000, "EUR").allocate([1, 1, 1])[0] == Money(3334, "EUR")


def test_an_amount_is_not_split_over_nothing() -> None:
    for weights in ([], [0, 0], [-1, 2]):
        with pytest.raises(ValueError, match=r"split|negative"):
            allocate(1, weights)


@pytest.mark.parametrize(
    ("minor", "currency", "short", "exact"),
    [
        (2_620_000_000, "EUR", "26.2M", "26,200,000.00 EUR"),
        (-40_000_000, "EUR", "-400k", "-400,000.00 EUR"),
        (0, "EUR", "0", "0.00 EUR"),
        (5, "EUR", "0.05", "0.05 EUR"),
        (149, "EUR", "1", "1.49 EUR"),
        (1_060_000, "EUR", "11k", "10,600.00 EUR"),
        (123_400_000_000, "EUR", "1.2B", "1,234,000,000.00 EUR"),
        (99_949, "EUR", "999", "999.49 EUR"),
        (99_951, "EUR", "1k", "999.51 EUR"),
        (123_456, "EUR", "1.2k", "1,234.56 EUR"),
        (95_000_000, "EUR", "950k", "950,000.00 EUR"),
        (99_996_000, "EUR", "1M", "999,960.00 EUR"),
        (99_996_000_000, "EUR", "1B", "999,960,000.00 EUR"),
        (26_200_000, "JPY", "26.2M", "26,200,000 JPY"),
        (26_200_000, "KWD", "26k", "26,200.000 KWD"),
        (LIMIT, "EUR", "10,000B", "10,000,000,000,000.00 EUR"),
    ],
)
def test_a_headline_is_short_and_the_exact_figure_has_every_digit(
    minor: int, currency: str, short: str, exact: str
) -> None:
    assert format_short(minor, currency) == short
    assert format_exact(minor, currency) == exact


def test_a_difference_shows_its_sign() -> None:
    assert format_short(40_000_000, "EUR", sign=True) == "+400k"
    assert format_exact(100, "EUR", sign=True) == "+1.00 EUR"
    assert format_exact(1, "EUR", sign=True) == "+0.01 EUR"
    assert format_exact(0, "EUR", sign=True) == "0.00 EUR"


@given(amounts, currencies)
def test_a_headline_is_never_off_by_more_than_a_twentieth(minor: int, currency: str) -> None:
    shown = format_short(minor, currency).replace(",", "")
    scale = {"k": 10**3, "M": 10**6, "B": 10**9}.get(shown[-1], 1)
    value = Fraction(shown.rstrip("kMB")) * scale
    exact = Fraction(minor, 10 ** exponent(currency))
    assert abs(value - exact) <= max(abs(exact) / 20, Fraction(1, 2))


def test_money_goes_together_with_its_own_currency_only() -> None:
    five, seven = Money(500, "EUR"), Money(700, "EUR")
    assert not five < Money(500, "EUR")
    assert five + seven == Money(1200, "EUR")
    assert seven - five == Money(200, "EUR") > Money(-200, "EUR") == -(seven - five)
    assert five <= seven and bool(five) and not Money(0, "EUR")
    assert Money.total([five, seven], "EUR") == Money(1200, "EUR")
    assert str(five) == "5.00 EUR"
    assert Money(500, "USD") != five
    for mixed in (
        lambda: five + Money(500, "USD"),
        lambda: five < Money(500, "USD"),
        lambda: five - Money(0, "JPY"),
    ):
        with pytest.raises(CurrencyMismatch):
            mixed()
    with pytest.raises(CurrencyMismatch):
        Money.total([five, Money(1, "USD")], "EUR")
    with pytest.raises(TypeError):
        five + 5  # type: ignore[operator]
    for minor in (5.0, Decimal(5), True, "5"):
        with pytest.raises(TypeError):
            Money(minor, "EUR")  # type: ignore[arg-type]
    with pytest.raises(AmountRefused):
        Money(5, "EURO")
