"""The seed lock: which files the universe is made from, by hash.

The lock in the tree says what is wanted and what was resolved last. Mirrors drop old versions; the versions that were
used instead stand in a second lock in the cache, which is in force until the tree's lock changes.
"""

import hashlib
import json
import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from fail import Fail
from systems import System

PATTERNS = {
    "name": r"[0-9A-Za-z][0-9A-Za-z+._-]*",
    "version": r"[0-9A-Za-z][0-9A-Za-z+.:~_!-]*",
    "file": r"[0-9A-Za-z][0-9A-Za-z+.:~_!%-]*",
    "sha256": r"[0-9a-f]{64}",
    "size": r"[0-9]+",
}


@dataclass
class Seed:
    """One file: a Debian package or a Python wheel."""

    name: str
    version: str
    file: str
    sha256: str
    size: int

    def __post_init__(self) -> None:
        """These values become arguments of apt and pip, and names of files."""
        for key, pattern in PATTERNS.items():
            if not re.fullmatch(pattern, str(getattr(self, key))):
                raise ValueError(f"a seed's {key} is {getattr(self, key)!r}")

    @property
    def store_name(self) -> str:
        """The file's name in the store, which allows no `~`, `:` or `%`."""
        return re.sub(r"[^0-9A-Za-z+._?=-]+", "-", self.file)


@dataclass
class Lock:
    """A lock's seeds of one system and, where it is not the tree's own, how it differs from that."""

    system: System
    wanted: dict
    debian: list[Seed]
    python: list[Seed]
    bootstrap: dict
    base: str = ""
    # The tree's lock; the same unless this one was refreshed.
    locked: "Lock | None" = None
    # What each tool of a manifest needs beyond `debian`, and which of them are asked for.
    tools: dict[str, list[Seed]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def seeds(self) -> list[Seed]:
        """Everything to be fetched; what several tools need is there once."""
        of_tools = {seed.name: seed for tool in self.asked for seed in self.tools.get(tool, [])}
        return self.debian + self.python + list(of_tools.values())

    @property
    def every_debian(self) -> list[Seed]:
        """The Debian packages of all tools, too, whether anybody asks for them or not."""
        return list({seed.name: seed for seeds in [self.debian, *self.tools.values()] for seed in seeds}.values())

    @property
    def drift(self) -> list[dict]:
        """Every seed that is not the one that the tree's lock names."""
        before = {seed.name: seed for seed in replace(self.locked, asked=self.asked).seeds} if self.locked else {}
        after = {seed.name: seed for seed in self.seeds}
        changed = [name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)]
        version = lambda seed: seed and seed.version
        return [{"seed": name, "locked": version(before.get(name)), "used": version(after.get(name))} for name in changed]

    @classmethod
    def read(cls, path: Path, system: System) -> "Lock":
        try:
            text = path.read_bytes()
            data = json.loads(text)
            own = data["systems"][system.name]
            debian = [Seed(**seed) for seed in own["debian"]]
            python = [Seed(**seed) for seed in own["python"]]
            tools = {tool: [Seed(**seed) for seed in seeds] for tool, seeds in own["tools"].items()}
            base = data.get("base", hashlib.sha256(text).hexdigest())
            lock = cls(system, data["wanted"], debian, python, own["bootstrap"], base, tools=tools)
            lock.locked = replace(lock)
            return lock
        except FileNotFoundError:
            raise Fail(f"seed lock `{path}` is missing") from None
        except (ValueError, KeyError, TypeError) as error:
            raise Fail(f"seed lock `{path}` cannot be read: {error}", "restore it, or run `./nixw seed --refresh`") from error

    @classmethod
    def in_force(cls, tree_lock: Path, system: System, cache: Path) -> "Lock":
        """The cache's refreshed lock where it stems from this tree's lock, else the tree's."""
        own = cls.read(tree_lock, system)
        refreshed = cls.path_of_refreshed(own, cache)
        if not refreshed.exists():
            return own
        lock = cls.read(refreshed, system)
        lock.locked = own
        return lock

    @staticmethod
    def path_of_refreshed(lock: "Lock", cache: Path) -> Path:
        return cache / "locks" / f"{lock.base[:32]}-{lock.system.name}.json"

    @property
    def resolved(self) -> dict:
        """What was resolved for the system, as the file has it."""
        return {
            "bootstrap": self.bootstrap,
            "python": [vars(seed) for seed in self.python],
            "debian": [vars(seed) for seed in self.debian],
            "tools": {tool: [vars(seed) for seed in seeds] for tool, seeds in self.tools.items()},
        }

    def write(self, path: Path) -> None:
        """Writes the lock in force, of this system alone."""
        write(path, {"wanted": self.wanted, "systems": {self.system.name: self.resolved}, "drift": self.drift, "base": self.base})


def write_tree_lock(path: Path, locks: list[Lock]) -> None:
    """Writes the lock of the tree, which has every system."""
    write(path, {"wanted": locks[0].wanted, "systems": {lock.system.name: lock.resolved for lock in locks}})


def write(path: Path, data: dict) -> None:
    """Writes beside, flushes and renames, so that a reader sees the old lock or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as out:
        out.write(json.dumps(data, indent=2) + "\n")
        out.flush()
        os.fsync(out.fileno())
    temporary.rename(path)


def hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
