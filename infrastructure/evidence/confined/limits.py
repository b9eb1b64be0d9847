"""What the program is held to, by itself, before it reads the first byte of a file."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from contextlib import suppress
from typing import Final

MEMORY_BYTES: Final = 256 * 1024 * 1024
CPU_S: Final = 5
OUTPUT_BYTES: Final = 32 * 1024 * 1024
NOBODY: Final = 65_534
NEW_USERS: Final = 0x10000000  # of Linux's unshare: CLONE_NEWUSER, CLONE_NEWNET
NEW_NETWORK: Final = 0x40000000


def confine(output_bytes: int = OUTPUT_BYTES) -> None:
    """From here on: so much memory, time and output; no file, no network, no other program, nobody's rights.

    Limits work everywhere and for everybody. Where the system lets us, there is a network of our own with nothing in
    it, and the empty folder in which we were started is all there is of the disk: that holds for a decoder taken over.
    """
    is_root = os.geteuid() == 0
    if sys.platform == "linux":
        ctypes.CDLL(None).unshare(NEW_NETWORK if is_root else NEW_USERS | NEW_NETWORK)
    with suppress(PermissionError):
        os.chroot(".")
    if is_root:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    limits = {
        resource.RLIMIT_CPU: CPU_S,
        resource.RLIMIT_FSIZE: output_bytes,
        resource.RLIMIT_NOFILE: 3,  # what is open stays open, nothing else is
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform != "darwin":  # which has no such limit
        limits[resource.RLIMIT_AS] = MEMORY_BYTES
    for what, most in limits.items():
        resource.setrlimit(what, (most, most))
