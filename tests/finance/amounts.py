"""Bad amounts and good ones with what they are answered: one table for every door that takes an amount."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BAD = {
    "1.234,56": "“1.234,56” is not an amount: the decimal sign is a point, as in 1234.50.",
    "1,234": "“1,234” can be read two ways: write 1234 or 1234.00 instead.",
    "(100)": "“(100)” is not an amount: an amount below zero is written with a minus sign in front, not in brackets.",
    "100-": "“100-” is not an amount: a minus sign stands in front.",
    "-0": "“-0” is not an amount: zero has no sign.",
    "+5": "“+5” is not an amount: leave the plus sign out.",
    "NaN": "“NaN” is not an amount: it is no number.",
    "-Infinity": "“-Infinity” is not an amount: it is no number.",
    "1e9": "“1e9” is not an amount: write all its digits, without an exponent.",
    "9" * 20: "An amount can be at most 10,000,000,000,000.00 EUR.",
    "9" * 41: "An amount has at most 40 characters.",
    "\uff11\uff12": "“\uff11\uff12” is not an amount: its digits have to be 0 to 9.",
    "1_000": "“1_000” is not an amount: leave the underscores out.",
    "007": "“007” is not an amount: leave the zeros in front out.",
    "5 EUR": "“5 EUR” is not an amount: write the figure alone, as in 1234.50.",
    "=1+1": "“=1+1” is not an amount: write it like 1234.50.",
    "<b>1</b>": "“<b>1</b>” is not an amount: write it like 1234.50.",
}
UNSIGNED = {"-5": "“-5” is negative; a positive amount is expected here."}
FINER = {"12.3456789": "“12.3456789” has 7 decimals; at most 2 decimals fit here."}
ALL = BAD | UNSIGNED | FINER
GOOD = {"1 234": 123_400, "1,234.50": 123_450, "0.01": 1}
