"""The systems that the universe builds on, and what Debian, Rust and Python call them (systems.json)."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from fail import Fail

TABLE = Path(__file__).resolve().parent.parent / "systems.json"


@dataclass(frozen=True)
class System:
    """One row of the table."""

    name: str
    architecture: str
    libraries: str
    loader: str
    triple: str
    wheels: tuple[str, ...]


def systems() -> list[System]:
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    return [System(name, **{**row, "wheels": tuple(row["wheels"])}) for name, row in sorted(table.items())]


def system_of(name: str | None) -> System:
    """The system of this name, or the machine's own."""
    kernel = os.uname()
    wanted = name or f"{kernel.machine}-{kernel.sysname.lower()}"
    for system in systems():
        if system.name == wanted:
            return system
    known = " and ".join(f"`{system.name}`" for system in systems())
    raise Fail(f"the mirrors universe builds on {known}, and not on `{wanted}`", "the nixpkgs universe has more: SEALIFT_UNIVERSE=nixpkgs")
