# SPDX-License-Identifier: GPL-2.0-or-later
"""What is plugged into a machine beside its disk: options of qemu."""


def card(number):
    """A network card with a PTP clock, all on one wire. Without its boot program, which is not in every package of qemu."""
    return ["-netdev", f"hubport,id=wire{number},hubid=1", "-device", f"pcie-root-port,id=slot{number},chassis={number}",
            "-device", f"igb,netdev=wire{number},mac=02:00:00:00:00:0{number},bus=slot{number},romfile="]


# The parallel port is a source of interrupts, for pulses; nothing is connected to it.
DEVICES = [*card(1), *card(2), "-chardev", "null,id=printer", "-device", "isa-parallel,chardev=printer"]
