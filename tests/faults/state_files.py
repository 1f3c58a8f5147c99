# SPDX-License-Identifier: GPL-2.0-or-later
"""What the daemons keep on disk, read as strictly as they read it themselves: whole, or an error."""

import re

HEX = "[0-9A-Fa-f]+"
FORMS = {
    "ntskeys": rf"(?:NKS1\n[\d.]+\n(?:{HEX} {HEX} \d+\n){{4}}|NKS0\n15 [\d.]+\n(?:{HEX} {HEX}\n){{4}})",
    ".nts": rf"NNC0\n\S+\n\d+\.\d+\n\S+ \d+\n\d+ \d+ {HEX} {HEX}\n(?:{HEX}\n)+",
    ".ke": r"gnomon-ke 1\n\S+\n\d+ [\d.]+ [\d.]+\n",
    ".dat": r"SRC0\n.*[^\n]\n",
    "drift": r" *-?[\d.]+ +[\d.]+(?: fast)?\n",
    "nts-time": r"\d+\n",
    "pid": r"\d+\n",
}


def form_of(path):
    return next((form for name, form in FORMS.items() if path.name == name or path.suffix == name), None)


def complaints(folder, ended_well):
    """What is wrong with the files of a folder; after a clean end no temporary file may be left either."""
    found = []
    for path in sorted(folder.iterdir()):
        form = form_of(path)
        if path.suffix == ".tmp" and ended_well:
            found.append(f"{path.name} is left over")
        if form and path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            if not re.fullmatch(form, text, re.DOTALL):
                found.append(f"{path.name} is damaged: {text[:60]!r}, {len(text)} octets")
    return found


def current_keys(path):
    """The ids and keys of a file of server keys, whatever their age."""
    return set(re.findall(rf"^{HEX} ({HEX})", path.read_text(encoding="ascii"), re.MULTILINE))
