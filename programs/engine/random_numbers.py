"""Random numbers by counting: the number of (seed, stream, run) depends on nothing else.

SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014) used as a counter-based
generator: the state of run `s` in a stream is the stream's key plus `s` steps of the golden ratio, and its finaliser
turns that into 64 even bits. So a simulation gives the same numbers in whatever portions or order its runs are
computed, one stream can be drawn again without the others, and a plan with one activity more draws the same numbers
for all the others: what changes is the plan's doing and not chance.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_GOLDEN = 0x9E3779B97F4A7C15
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_MASK = (1 << 64) - 1


def stream_key(seed: int, purpose: int, number: int) -> int:
    """The key of a stream: a whole number below 2**64 from the seed, what is drawn (a small number) and for whom."""
    return _mixed(_mixed(_mixed(seed + _GOLDEN) + purpose * _GOLDEN) + number * _GOLDEN)


def _mixed(z: int) -> int:
    z &= _MASK
    z = (z ^ (z >> 30)) * _FIRST & _MASK
    z = (z ^ (z >> 27)) * _SECOND & _MASK
    return z ^ (z >> 31)


def stream_keys(seed: int, purpose: int, numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """`stream_key` for many numbers at once."""
    start = _mixed(_mixed(seed + _GOLDEN) + purpose * _GOLDEN)
    keys = numbers.astype(np.uint64) * np.uint64(_GOLDEN) + np.uint64(start)
    _mix(keys)
    return keys


def cells(keys: npt.NDArray[np.uint64], first: int, count: int) -> npt.NDArray[np.uint16]:
    """Sixteen even bits per key (rows) and run (columns `first .. first + count`); `first` is a multiple of four."""
    steps = np.arange(first // 4 + 1, (first + count + 3) // 4 + 1, dtype=np.uint64)
    steps *= np.uint64(_GOLDEN)
    bits = keys[:, None] + steps[None, :]
    _mix(bits)
    return bits.view(np.dtype("<u2"))[:, :count]


def uniform(key: int, first: int, count: int) -> npt.NDArray[np.float64]:
    """Numbers in [0, 1) with 53 bits for the runs `first .. first + count` of one stream."""
    steps = np.arange(first + 1, first + count + 1, dtype=np.uint64)
    steps *= np.uint64(_GOLDEN)
    steps += np.uint64(key)
    _mix(steps)
    steps >>= np.uint64(11)
    even: npt.NDArray[np.float64] = steps.astype(np.float64)
    even *= 1.0 / (1 << 53)
    return even


def _mix(bits: npt.NDArray[np.uint64]) -> None:
    """The finaliser, in place."""
    shifted = bits >> np.uint64(30)
    bits ^= shifted
    bits *= np.uint64(_FIRST)
    np.right_shift(bits, np.uint64(27), out=shifted)
    bits ^= shifted
    bits *= np.uint64(_SECOND)
    np.right_shift(bits, np.uint64(31), out=shifted)
    bits ^= shifted
