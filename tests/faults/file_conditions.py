# SPDX-License-Identifier: GPL-2.0-or-later
"""What can stand under the name of a file or a folder that a directive names."""

import os
import pathlib
import shutil
import socket

MARK = b"\xef\xbb\xbf"
LARGE = 2 << 20


def clear(path):
    """Nothing is there any more, whatever it was."""
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        path.unlink()
    elif path.is_dir():
        os.chmod(path, 0o755)
        shutil.rmtree(path)


def _write(path, content):
    path.write_bytes(content)
    os.chmod(path, 0o644)


def _unreadable(path, content):
    _write(path, content)
    os.chmod(path, 0)


def _socket(path, _):
    # A name may be longer than an address of the kernel: bound where it is short.
    folder = os.getcwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.chdir(folder)


def _foreign_link(path, content):
    target = path.parent.parent / f"elsewhere-{path.parent.name}-{path.name}"
    clear(target)
    _write(target, content)
    path.symlink_to(target)


# Neither a file nor a folder, whichever was meant.
OTHER = {
    "missing": lambda path, _: None,
    "fifo": lambda path, _: os.mkfifo(path, 0o666),
    "socket": _socket,
    "device": lambda path, _: path.symlink_to("/dev/zero"),
    "circle": lambda path, _: path.symlink_to(path),
}
# What is made of the good content of a file.
FILE = OTHER | {
    "good": _write,
    "unreadable": _unreadable,
    "folder": lambda path, content: path.mkdir(),
    "dangling": lambda path, content: path.symlink_to(path.parent / "nothing-is-here"),
    "foreign": _foreign_link,
    "empty": lambda path, content: _write(path, b""),
    "zeros": lambda path, content: _write(path, content + bytes(16)),
    "no-newline": lambda path, content: _write(path, content.rstrip(b"\n")),
    "crlf": lambda path, content: _write(path, content.replace(b"\n", b"\r\n")),
    "mark": lambda path, content: _write(path, MARK + content),
    "nul": lambda path, content: _write(path, content[:3] + b"\0" + content[3:]),
    "large": lambda path, content: _write(path, content + b"\n" * LARGE),
}


def put(path, condition, content):
    """The file in that condition; what was there before is gone."""
    path = pathlib.Path(path)
    clear(path)
    FILE[condition](path, content)


def _good_folder(path, fill):
    path.mkdir()
    fill(path)


def _unreadable_folder(path, fill):
    _good_folder(path, fill)
    os.chmod(path, 0)


def _linked_folder(path, fill):
    target = path.parent / f"elsewhere-{path.name}"
    clear(target)
    _good_folder(target, fill)
    path.symlink_to(target)


FOLDER = OTHER | {
    "good": _good_folder,
    "unreadable": _unreadable_folder,
    "file": lambda path, fill: _write(path, b"text\n"),
    "dangling": lambda path, fill: path.symlink_to(path.parent / "nothing" / "is" / "here"),
    "foreign": _linked_folder,
}


def put_folder(path, condition, fill=lambda path: None):
    """The folder in that condition, with what `fill` puts into it; what was there before is gone."""
    path = pathlib.Path(path)
    clear(path)
    FOLDER[condition](path, fill)


