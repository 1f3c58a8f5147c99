#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs in the machine as root: carries out the commands that come in by the virtio port, one after the other.

A command is two lengths and two texts: what bash is to run, and its standard input. The answer is any number of pieces
of output and the status, each with a letter and a length before it. virtual_machine.py is the other side."""

import glob
import os
import pathlib
import struct
import subprocess
import threading
import time


def port():
    while not (found := glob.glob("/dev/vport*p1")):
        time.sleep(0.1)
    return os.open(found[0], os.O_RDWR)


def receive(descriptor, count):
    data = bytearray()
    while len(data) < count:
        piece = os.read(descriptor, min(count - len(data), 65536))
        if not piece:
            time.sleep(0.1)  # nobody at the other end
        data += piece
    return bytes(data)


def send(descriptor, kind, data):
    data = kind + struct.pack(">I", len(data)) + data
    while data:
        data = data[os.write(descriptor, data):]


def feed(pipe, text):
    try:
        pipe.write(text)
        pipe.close()
    except BrokenPipeError:
        pass  # it did not want all of it


def carry_out(descriptor, command, text):
    with subprocess.Popen(["bash", "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, cwd="/root") as process:
        threading.Thread(target=feed, args=(process.stdin, text), daemon=True).start()
        while piece := os.read(process.stdout.fileno(), 65536):
            send(descriptor, b"o", piece)
        process.wait()
    send(descriptor, b"s", str(process.returncode).encode())


def main():
    os.environ.update(HOME="/root", LC_ALL="C.UTF-8", DEBIAN_FRONTEND="noninteractive", PYTHONUNBUFFERED="1")
    pathlib.Path("/run/gnomon-test-vm").touch()
    descriptor = port()
    send(descriptor, b"s", b"0")
    while True:
        lengths = struct.unpack(">II", receive(descriptor, 8))
        command, text = (receive(descriptor, length) for length in lengths)
        carry_out(descriptor, command.decode(), text)


main()
