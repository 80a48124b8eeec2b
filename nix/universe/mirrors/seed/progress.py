"""Progress on a terminal; nothing in a pipe."""

import sys
import threading
from pathlib import Path


class Progress:
    """Shows how many bytes have arrived below a directory while the block runs, of `total` where that is known."""

    def __init__(self, directory: Path, total: int | None = None) -> None:
        self.directory, self.total = directory, total
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.show, daemon=True)

    def __enter__(self) -> "Progress":
        self.before = self.size()
        if sys.stderr.isatty():
            self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        if self.thread.is_alive():
            self.thread.join()
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def size(self) -> int:
        files = [file for file in self.directory.rglob("*") if file.is_file()] if self.directory.exists() else []
        return sum(size_of(file) for file in files)

    def show(self) -> None:
        while not self.done.wait(0.3):
            arrived = max(0, self.size() - self.before)
            whole = f" of {self.total / 1e6:.0f}" if self.total else ""
            print(f"\rnixw: {arrived / 1e6:.0f}{whole} MB", end="\033[K", file=sys.stderr, flush=True)


def size_of(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        # It was renamed between the listing and the look.
        return 0
