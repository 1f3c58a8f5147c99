# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a running process carry out a system call that is not in its program: with ptrace, its own thread, at a
`syscall` instruction of its own memory. Credentials, filters and Landlock domain that judge the call are therefore
those that the process really has. x86-64."""

import contextlib
import ctypes
import os
import platform
import signal
import struct

PTRACE_SINGLESTEP, PTRACE_DETACH = 9, 17
PTRACE_GETREGSET, PTRACE_SETREGSET, PTRACE_SEIZE, PTRACE_INTERRUPT = 0x4204, 0x4205, 0x4206, 0x4207
NT_PRSTATUS = 1
WALL = 0x40000000
SYSCALL_INSTRUCTION = b"\x0f\x05"
# Places in user_regs_struct.
RAX, ORIG_RAX, RIP, RSP = 10, 15, 16, 19
ARGUMENTS = (14, 13, 12, 7, 9, 8)  # rdi, rsi, rdx, r10, r8, r9
RED_ZONE = 4096  # what lies below the stack pointer is free, beyond what the interrupted function may use

KILLED = "killed"

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


class _Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


def possible():
    """Why not, or None."""
    if platform.machine() != "x86_64":
        return "only x86-64 is known here"
    if os.geteuid() != 0:
        return "only root may look into the processes of the daemon"
    pid = os.fork()
    if pid == 0:
        signal.pause()
    try:
        with Stopped(pid):
            return None
    except OSError as error:
        return f"ptrace: {error}"
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _ptrace(request, pid, address=0, data=0):
    if _libc.ptrace(request, pid, address, data) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _find_instruction(pid):
    """In the vDSO, which every process has and which is no file."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            if not line.endswith("[vdso]\n"):
                continue
            begin, end = (int(each, 16) for each in line.split()[0].split("-"))
            memory.seek(begin)
            at = memory.read(end - begin).find(SYSCALL_INSTRUCTION)
            if at >= 0:
                return begin + at
    raise OSError(f"no system call instruction in the vDSO of {pid}")


class Stopped:
    """A process whose main thread stands still until the end of the `with` block."""

    def __init__(self, pid):
        self.pid, self.gone = pid, False
        _ptrace(PTRACE_SEIZE, pid)
        _ptrace(PTRACE_INTERRUPT, pid)
        os.waitpid(pid, WALL)
        self._registers = self._read_registers()
        self._instruction = _find_instruction(pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.release()
        except ProcessLookupError:  # whoever watches it has ended it meanwhile, and cannot see that before we have
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, WALL)

    def release(self):
        if not self.gone:
            self._write_registers(self._registers)
            _ptrace(PTRACE_DETACH, self.pid)
            self.gone = True

    def call(self, number, *arguments):
        """What the call returned, below 0: -errno; KILLED when the process died of it. Octets are passed as their
        address in the process."""
        registers = list(self._registers)
        room = (registers[RSP] - RED_ZONE) & ~0xF
        for place, argument in zip(ARGUMENTS, arguments):
            if isinstance(argument, bytes):
                room, argument = self._place(room, argument)
            registers[place] = argument & 0xFFFFFFFFFFFFFFFF
        registers[RAX], registers[ORIG_RAX], registers[RIP] = number, 0xFFFFFFFFFFFFFFFF, self._instruction
        self._write_registers(registers)
        while True:
            _ptrace(PTRACE_SINGLESTEP, self.pid)
            _, status = os.waitpid(self.pid, WALL)
            if not os.WIFSTOPPED(status):
                break
            now = self._read_registers()
            if now[RIP] != self._instruction:  # else a signal came first: that a child ended, for gnomond
                return struct.unpack("q", struct.pack("Q", now[RAX]))[0]
        self.gone = True
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGSYS:
            return KILLED
        raise OSError(f"process {self.pid} came to status {status:#x} at call {number}")

    def receive(self, number, descriptor, size):
        """What recvfrom() gives, which waits for it."""
        got = self.call(number, descriptor, bytes(size), size, 0, 0, 0)
        if got == KILLED or got < 0:
            return got
        top = (self._registers[RSP] - RED_ZONE) & ~0xF
        with open(f"/proc/{self.pid}/mem", "rb", buffering=0) as memory:
            memory.seek((top - size) & ~0xF)
            return memory.read(got)

    def _place(self, room, octets):
        room = (room - len(octets)) & ~0xF
        with open(f"/proc/{self.pid}/mem", "r+b", buffering=0) as memory:
            memory.seek(room)
            memory.write(octets)
        return room, room

    def _read_registers(self):
        space = (ctypes.c_uint64 * 27)()
        vector = _Vector(ctypes.addressof(space), ctypes.sizeof(space))
        _ptrace(PTRACE_GETREGSET, self.pid, NT_PRSTATUS, ctypes.addressof(vector))
        return list(space)

    def _write_registers(self, registers):
        space = (ctypes.c_uint64 * 27)(*registers)
        vector = _Vector(ctypes.addressof(space), ctypes.sizeof(space))
        _ptrace(PTRACE_SETREGSET, self.pid, NT_PRSTATUS, ctypes.addressof(vector))
