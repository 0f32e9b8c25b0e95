"""How many files and sockets a process may hold: as many as the system lets it."""

from __future__ import annotations

import resource

import structlog

USUAL_MAX = 1_048_576
"""Where the system sets no bound: Linux's own default bound for one process (fs.nr_open)."""

log = structlog.get_logger(__name__)


def allow_many_sockets() -> int:
    """Raises the soft bound on open files (``RLIMIT_NOFILE``, often 1,024) to the hard one.

    The soft bound is for programs that use ``select``; event loops do not. Each socket takes one.

    Returns:
        The bound that holds now.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = USUAL_MAX if hard == resource.RLIM_INFINITY else hard
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError) as error:
        log.warning("open_files_bounded", files=soft, error=str(error))
        return soft
    return wanted
