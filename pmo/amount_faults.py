"""Why a text is no amount, in a sentence for the person who wrote it."""

import re
from typing import Final

from pmo.refusals import Refused


class AmountRefused(Refused):
    """An amount, or a currency, that cannot be read for sure; the message is a sentence for the person."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="amount")


_SWAPPED: Final = str.maketrans(",.", ".,")
# What is written in place of an amount, and what is wrong with it: the first that fits is told.
_FAULTS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), reason)
    for pattern, reason in (
        (r"[+-]?(nan|inf(inity)?)", "it is no number."),
        (r".*[^\W\D0-9].*", "its digits have to be 0 to 9."),
        (r"\(.*\)", "an amount below zero is written with a minus sign in front, not in brackets."),
        (r"[+-]?[0-9.,]+e[+-]?[0-9]+", "write all its digits, without an exponent."),
        (r"[0-9].*-", "a minus sign stands in front."),
        (r"\+.*", "leave the plus sign out."),
        (r".*_.*", "leave the underscores out."),
        (r"-?[0-9.]+,[0-9]{1,2}", "the decimal sign is a point, as in 1234.50."),
        (r"-?0[0-9]+(\.[0-9]*)?", "leave the zeros in front out."),
        (
            r".*[0-9].*[^\W\d]+|[^\W\d]+.*[0-9].*|.*[\u20ac$\u00a3].*",
            "write the figure alone, as in 1234.50.",
        ),
    )
)


def not_an_amount(text: str, decimal: str = ".") -> AmountRefused:
    """Why `text` is no amount, in a sentence; `decimal` is the decimal sign, `.` or `,`, of whoever wrote it."""
    swapped = text.translate(_SWAPPED) if decimal == "," else text
    reason = next((told for pattern, told in _FAULTS if pattern.fullmatch(swapped)), "write it like 1234.50.")
    if decimal == ",":
        reason = reason.replace("a point", "a comma").replace("1234.50", "1234,50")
    return AmountRefused(f"{quoted(text)} is not an amount: {reason}")


def quoted(text: object) -> str:
    """What was written, quoted, cut short and with anything unprintable made visible."""
    said = ascii(text) if isinstance(text, str) and not text.isprintable() else f"“{text}”"
    return said if len(said) <= 60 else said[:57] + "..."
