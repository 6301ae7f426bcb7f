"""Lock files: who runs here, answered by the kernel, so that a crash never leaves a stale claim."""

import fcntl
import os
from pathlib import Path


class LockFile:
    """An exclusive lock held by one process; the kernel lets go of it when the process dies."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is opened yet."""
        self._path = path
        self._descriptor: int | None = None

    def acquire(self, *, wait: bool = False) -> bool:
        """Take the lock and return True; return False when another process holds it and ``wait`` is off."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let go of the lock; releasing one that is not held does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def is_locked(path: Path) -> bool:
    """Tell whether some living process holds the lock file at ``path``."""
    probe = LockFile(path)
    if not path.exists():
        return False
    free = probe.acquire()
    probe.release()
    return not free
