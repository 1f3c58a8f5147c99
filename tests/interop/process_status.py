# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel tells of a process. On its own for tests in a machine, as patience.py."""

import pathlib


def filters(pid):
    """How many filters of system calls a process or thread has. A role has one more than gnomond once it is confined."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("Seccomp_filters:"))
