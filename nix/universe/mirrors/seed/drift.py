"""Consent to build from other files than the locked ones, where a mirror has dropped a version."""

import os
from dataclasses import dataclass

from fail import Fail
from lock import Seed

UNSET = ["", "0"]


@dataclass(frozen=True)
class Consent:
    """What the caller accepts: versions that Debian's keys vouch for, and versions that nothing vouches for."""

    signed: bool
    unsigned: bool

    @classmethod
    def of_environment(cls) -> "Consent":
        value = os.environ.get("SEALIFT_ACCEPT_DRIFT", "")
        if value not in [*UNSET, "1", "signed"]:
            raise Fail(f"SEALIFT_ACCEPT_DRIFT is `{value}`; expected `1` or `signed`", "`signed` accepts what Debian's signed index has, `1` a wheel as well")
        return cls(signed=value in ["1", "signed"], unsigned=value == "1")


def changes(old: list[Seed], new: list[Seed]) -> list[str]:
    """A line for every seed that is another one in `new`."""
    before = {seed.name: seed for seed in old}
    after = {seed.name: seed for seed in new}
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return [f"seed {name}: {change(before.get(name), after.get(name))}" for name in names]


def change(locked: Seed | None, used: Seed | None) -> str:
    if locked and used:
        return f"locked {locked.version} is gone, using {used.version}"
    if used:
        return f"{used.version} is needed by what replaced a locked seed"
    return "no longer needed"
