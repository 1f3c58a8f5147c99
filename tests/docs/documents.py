# SPDX-License-Identifier: GPL-2.0-or-later
"""What the documents quote: blocks of configuration, blocks of commands, links, messages."""

import os
import pathlib
import re
import shlex

ROOT = pathlib.Path(os.environ["GNOMON_SOURCE_ROOT"])
MANUAL_PAGES = pathlib.Path(os.environ["MANUAL_PAGES"])

# What a line of a block may begin with when it is to be typed into a shell.
COMMANDS = ("sudo", "gnomond", "gnomonctl", "gnomon-replay", "openssl", "printf", "packaging/", "tests/", ".ci/", "ssh", "journalctl", "(umask",
            "ninja", "GNOMON_", "setpriv", "date", "install", "tar", "certbot", "varlinkctl", "ss", "#!", "curl")
# Blocks in other languages: units of systemd, what the programs print, the formulas of a decision.
OTHER = re.compile(r"^(\[(Unit|Service|Socket)\]|NTS-KE with |gnomond:|PRK = |gnomon-resolve |The clock is |(KERNEL|SUBSYSTEM)==|\d+ AES128 HEX:|192\.0\.2\.1$|node\d+_\w+ = )")


def pages():
    """The documents written by hand."""
    yield ROOT / "README.md"
    yield ROOT / "CONTRIBUTING.md"
    yield from sorted((ROOT / "docs").rglob("*.md"))


def markdown_blocks(path):
    """(line number, [lines]) of each block that is indented by four blanks, or fenced."""
    block, start, fenced = [], 0, False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines() + [""], 1):
        if line.startswith("```"):
            fenced = not fenced
        elif fenced:
            continue  # drawings
        elif line.startswith("    ") and (block or not before.strip() or before.startswith("#")):
            start = start if block else number
            block.append(line[4:])
        elif not line.strip() and block:
            block.append("")
        elif block:
            yield start, without_blank_end(block)
            block = []
        before = line
    if block:
        yield start, without_blank_end(block)


def manual_blocks(path):
    """The same of a page in roff: what stands between .nf and .fi."""
    block, start = None, 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line == ".nf":
            block, start = [], number
        elif line == ".fi":
            yield start, block
            block = None
        elif block is not None and not line.startswith("."):
            block.append(line.replace("\\-", "-").replace("\\e", "\\"))


def all_blocks():
    for path in pages():
        for number, block in markdown_blocks(path):
            yield f"{path.relative_to(ROOT)}:{number}", block
    for path in sorted(MANUAL_PAGES.glob("*.[1-8]")):
        for number, block in manual_blocks(path):
            yield f"{path.name}:{number}", block


def without_blank_end(block):
    while block and not block[-1]:
        block = block[:-1]
    return block


def is_commands(block):
    return block[0].startswith(COMMANDS)


def command_lines(block):
    """Each command of a block, lines that end in a backslash joined."""
    return [line for line in "\n".join(block).replace("\\\n", " ").splitlines() if line.strip()]


def words_of(command):
    """The words of one command, comment and sudo left out; None where the shell has more to say."""
    try:
        words = shlex.split(command, comments=True)
    except ValueError:
        return None
    return words[1:] if words[:1] == ["sudo"] else words


def inline_commands(path, program):
    """`program ...` in running text."""
    text = path.read_text(encoding="utf-8")
    for match in re.finditer(rf"`((?:sudo )?{program} [^`]+)`", text):
        number = text.count("\n", 0, match.start()) + 1
        yield f"{path.relative_to(ROOT)}:{number}", match.group(1).replace("\n", " ")
