"""One call at a time, and a word to those that wait."""

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The second word comes after this many seconds, and then again and again.
PATIENCE = 30


@contextmanager
def held(path: Path, purpose: str) -> Iterator[None]:
    """Holds the lock file while the block runs. The kernel lets go of it when the process ends, however it does."""
    with path.open("a+", encoding="utf-8") as file:
        wait_for(file)
        file.truncate(0)
        file.write(f"{os.getpid()} {int(time.time())} {purpose}")
        file.flush()
        yield
        file.truncate(0)


def wait_for(file) -> None:
    said = 0.0
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # A holder that has just begun may not have written who it is.
            time.sleep(0.1)
        if time.monotonic() - said >= PATIENCE:
            said = time.monotonic()
            print(f"nixw: waiting for {holder(file)}", file=sys.stderr, flush=True)


def holder(file) -> str:
    file.seek(0)
    process, began, purpose = (file.read().split(" ", 2) + ["", "", ""])[:3]
    if not began.isdigit():
        return "another nixw, which uses the same cache"
    return f"process {process}, which has been at {purpose} for {max(0, int(time.time()) - int(began))} s"
