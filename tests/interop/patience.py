# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine under load is slow, not broken: how many seconds to wait for what must happen. On its own for tests that do set a
clock, in a machine: importing `surroundings` gives up the right to."""

import os

PATIENCE = float(os.environ.get("GNOMON_TEST_PATIENCE", "60"))
