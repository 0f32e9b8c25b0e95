"""Writing small files so that a crash leaves either the old or the new content."""

import os
import shutil
import tempfile
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable (a rename is only in the page cache until then)."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_durably(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace ``path`` with ``text`` at once: never half a file, whenever the process dies."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def remove_tree(path: Path) -> bool:
    """Delete a folder and everything in it; a folder that is not there is fine.

    Returns:
        Whether it is gone: somebody may write in it meanwhile.
    """
    shutil.rmtree(path, ignore_errors=True)
    return not path.exists()
