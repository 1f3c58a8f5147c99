# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine under load is slow, not broken: how many seconds to wait for what must happen. On its own for tests that do set a
clock, in a machine: importing `surroundings` gives up the right to."""

import os
import time

PATIENCE = float(os.environ.get("GNOMON_TEST_PATIENCE", "60"))


def until(what, predicate, patience=PATIENCE):
    """Polls until the predicate gives something true, and returns that. CLOCK_MONOTONIC follows the rate of the clock, also of
    one under test; nothing here needs better than that."""
    deadline = time.monotonic() + patience
    while True:
        result = predicate()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:.0f} s in vain for: {what}")
        time.sleep(0.02)
