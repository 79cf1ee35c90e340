"""What the machine can do: both passes and free floats of a plan on one calendar, compiled from C.

An anchor for `benchmarks.engine`, not a part of the program. The kernel is compiled in a temporary folder where
there is a compiler, and its total floats are compared with the engine's before it is timed.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from programs.engine import Plan, Rules, schedule
from programs.engine.sweep_layout import columns_of, set_floors
from programs.engine.sweep_links import links_of
from programs.engine.sweep_network import levels_of
from programs.engine.sweep_passes import side_of

_SOURCE = """
#include <stdint.h>
typedef int64_t n;
void passes(n count, const n *length, const n *floor, const n *db, const n *ds, const n *dw,
            const n *ub, const n *us, const n *uw, n *early, n *late, n *free_) {
  n last = INT64_MIN;
  for (n j = 0; j < count; j++) {
    n v = floor[j];
    for (n q = db[j]; q < db[j + 1]; q++) { n x = early[ds[q]] + dw[q]; if (x > v) v = x; }
    early[2 * j] = v; early[2 * j + 1] = v + length[j];
    if (v + length[j] > last) last = v + length[j];
  }
  for (n i = count - 1; i >= 0; i--) {
    n v = last, f = last;
    for (n q = ub[i]; q < ub[i + 1]; q++) {
      n x = late[us[q]] + uw[q], y = early[us[q]] + uw[q];
      if (x < v) v = x;
      if (y < f) f = y;
    }
    late[2 * i] = v - length[i]; late[2 * i + 1] = v; free_[i] = f - early[2 * i + 1];
  }
}
"""


def kernel(plan: Plan) -> Callable[[], object] | None:
    """A call of the compiled passes on a plan with one calendar, no progress and no late constraints.

    None where there is no C compiler. Raises `RuntimeError` where its floats are not the engine's.
    """
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder) / "passes.c", Path(folder) / "passes.so"
        source.write_text(_SOURCE)
        subprocess.run([compiler, "-O3", "-shared", "-fPIC", "-o", library, source], check=True)
        passes = ctypes.CDLL(str(library)).passes
    rules = Rules()
    columns = columns_of(plan, rules)
    links = links_of(plan, rules, columns)
    levels = levels_of(columns.taking_part, links.predecessor, links.successor, 1)
    if levels is None:
        raise RuntimeError("a network of one activity a level is no measure")
    set_floors(columns, rules, links.successor, links.typ, links.acts())
    order = levels.order
    down = side_of(levels, links.successor, links.slot, links.weight, links.down)
    up = side_of(levels, links.predecessor, links.up_slot, links.up_weight, links.up)
    count = len(order)
    early, late = np.zeros(2 * count + 1, np.int64), np.zeros(2 * count + 1, np.int64)
    free = np.zeros(count, np.int64)
    # Constraints "start no earlier than" are floors; the sweep's `limits_of` would raise them, so does this.
    dates = np.array([-1 if d is None else plan.calendars[0].work_at(d) for d in plan.constraint_date])
    floor = np.maximum(columns.floor, dates)[order]
    arrays = [
        np.ascontiguousarray(a) for a in (columns.length[order], floor, down.begins, down.slot, down.weight)
    ]
    arrays += [up.begins, up.slot, up.weight, early, late, free]
    given = [ctypes.c_int64(count), *(ctypes.c_void_p(a.ctypes.data) for a in arrays)]

    def run() -> object:
        return passes(*given), arrays

    run()
    total = (late[1::2] - early[1::2])[levels.rank[:-1]]
    if total.tolist() != schedule(plan).total_float:
        raise RuntimeError("the compiled passes disagree with the engine")
    return run
