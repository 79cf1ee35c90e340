"""How seldom the process looks for garbage: a page of a thousand rows must not search the whole program for it."""

import gc
from typing import Final

YOUNG: Final = 10_000
"""New objects before the youngest are looked through; Python's own 700 are made by every ten rows of a plan."""


def settle() -> None:
    """Call once all code is loaded: what lives now is never looked at again, and what is new less often.

    A plan of a thousand rows makes some hundred thousand objects and cycles of almost none. With Python's own figures
    the collector looked through all modules, models and templates several times for it: a sixth of the page's CPU.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
