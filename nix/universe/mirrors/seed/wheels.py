"""Python wheels, through pip; zig comes as one."""

import subprocess
import sys
from pathlib import Path

from fail import Fail
from lock import Seed, hash_of
from systems import System


def download(requirement: str, system: System, into: Path) -> Seed | None:
    """Fetches the wheel of one requirement such as `ziglang==0.17.0` into a new directory; `None` where no such version is served."""
    name, _, version = requirement.partition("==")
    directory = into / f"{name}-{version or 'newest'}"
    directory.mkdir()
    platforms = [word for platform in system.wheels for word in ("--platform", platform)]
    options = ["--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--progress-bar=off", "--quiet"]
    command = [sys.executable, "-m", "pip", "download", *options, *platforms, "--dest", str(directory), "--", requirement]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        if "No matching distribution" in result.stderr:
            return None
        if "No module named pip" in result.stderr:
            raise Fail(f"`{sys.executable}` has no pip", "install the package python3-pip")
        raise Fail(f"`{requirement}` could not be fetched:\n{result.stderr.strip()}", "run it again: what arrived is kept")
    fetched = list(directory.glob(f"{name}-{version or '*'}-*.whl"))
    if len(fetched) != 1:
        raise Fail(f"pip fetched no wheel for `{requirement}`", "check pip's configuration")
    wheel = fetched[0].rename(into / fetched[0].name)
    return Seed(name, wheel.name.split("-")[1], wheel.name, hash_of(wheel), wheel.stat().st_size)
