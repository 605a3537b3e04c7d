# SPDX-License-Identifier: GPL-2.0-only
"""What the Python tests of the guest share: processes, their page tables, and TAP."""

import array
import contextlib
import ctypes
import mmap
import os
import signal
import time

PAGE = mmap.PAGESIZE
# Bits of an entry of pagemap.
PRESENT = 1 << 63
FRAME = (1 << 55) - 1
# The exit status of a reader that saw processes change.
PARTIAL = 3
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None, use_errno=True)
# All processes that kill_all() ends.
started = []


class Skip(Exception):
    """Raised by a test that cannot run here, with the reason."""


def page_table(pid, start, end):
    """The entries of pagemap for a range, as bytes."""
    at, end = start // PAGE * 8, end // PAGE * 8
    entries = b""
    with open(f"/proc/{pid}/pagemap", "rb", 0) as file:
        while more := os.pread(file.fileno(), end - at, at):
            entries += more
            at += len(more)
    return entries


def words(entries):
    """The same as numbers."""
    return array.array("Q", entries)


def all_pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def stat(pid):
    """The fields of a process's stat from its state on."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rsplit(b")", 1)[1].decode().split()


def stop(pids):
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
        while stat(pid)[0] != "T":
            time.sleep(0.01)


def die_with_parent():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def fork(body):
    """A child that is ready when body returns, and then keeps what that returned."""
    ready, done = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            die_with_parent()
            memory = body()
            os.write(done, b"x")
            while memory is not done:
                signal.pause()
        finally:
            os._exit(1)
    os.close(done)
    started.append(pid)
    assert os.read(ready, 1)
    os.close(ready)
    return pid


def kill_all():
    for pid in started:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    started.clear()


def run_tests(test, subjects):
    """TAP of test(subject) for each subject by name. Return: the exit status."""
    print("TAP version 13")
    print(f"1..{len(subjects)}", flush=True)
    failed = 0
    for number, (name, subject) in enumerate(subjects.items(), 1):
        reason = ""
        try:
            passed = test(subject)
        except Skip as skip:
            passed, reason = True, f" # SKIP {skip}"
        finally:
            kill_all()
        failed += not passed
        print("" if passed else "not ", f"ok {number} {name}{reason}", sep="",
              flush=True)
    return int(failed > 0)
