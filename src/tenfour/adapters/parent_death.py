"""A child process that does not outlive its parent, however the parent ends."""

import ctypes
import signal

PR_SET_PDEATHSIG = 1


def die_with_parent(by: signal.Signals) -> None:
    """Ask the kernel to send this process `by` when the thread that started it is gone (Linux `prctl(2)`)."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, by)
