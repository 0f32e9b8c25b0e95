"""Becomes a store: run as a script by ``process.py``, never imported by the product.

Usage: ``python -I -S launcher.py DEATH_SIGNAL PARENT UID GID LIFELINE PROGRAM [ARGUMENT…]``

It changes to the account (UID -1: stays), asks the kernel to send DEATH_SIGNAL to this process
when its parent dies, and then executes PROGRAM in its own place, so that the store is a direct
child. The order matters: Linux forgets the death signal when credentials change (prctl(2)).

Where there is no such signal (macOS), LIFELINE is the read end of a pipe that only the parent
holds open: a small watcher process reads it, and an end without a farewell means death.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
FAREWELL = b"."


def _watch(lifeline: int, store: int, death_signal: int) -> None:
    """Wait for the end of the lifeline; kill ``store`` unless the parent said farewell."""
    os.setsid()
    if os.read(lifeline, 1) != FAREWELL:
        os.kill(store, death_signal)


def main(arguments: list[str]) -> None:
    """Prepare this process and execute the program; does not return."""
    death_signal, parent, uid, gid, lifeline = (int(argument) for argument in arguments[:5])
    command = arguments[5:]
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if lifeline < 0:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, death_signal) != 0:
            sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    else:
        store = os.getpid()
        if os.fork() == 0:
            _watch(lifeline, store, death_signal)
            os._exit(0)
        os.close(lifeline)
    if os.getppid() != parent:
        sys.exit("the parent is gone")
    # Python ignores these two; a store wants the defaults.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    os.umask(0o077)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
