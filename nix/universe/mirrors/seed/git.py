"""git, so that no repository decides which programs are run: those of others are read, too."""

import os
import subprocess
from pathlib import Path

from fail import Fail

# A checkout's own configuration can name programs; git runs these two while it only reads.
SETTINGS = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]


def git_output(tree: Path, *arguments: str) -> str:
    """What git says of a checkout; nothing where there is none. One that git does not trust is an error."""
    command = ["git", *SETTINGS, "-C", str(tree), *arguments]
    # Its words are looked at.
    environment = {**os.environ, "LC_ALL": "C"}
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if b"dubious ownership" in result.stderr:
        raise Fail(f"`{tree}` belongs to somebody else, and git does not trust it", f"if you do: git config --global --add safe.directory '{tree}'")
    return os.fsdecode(result.stdout).strip() if result.returncode == 0 else ""


def git(directory: Path, *arguments: str, schemes: str) -> None:
    """Runs git for a dependency; only addresses of these schemes are fetched, those of submodules too."""
    settings = [*SETTINGS, "-c", "core.autocrlf=false", "-c", "advice.detachedHead=false"]
    environment = {**os.environ, "GIT_ALLOW_PROTOCOL": schemes, "GIT_TERMINAL_PROMPT": "0"}
    command = ["git", *settings, "-C", str(directory), *arguments]
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        raise Fail(f"`git {' '.join(arguments)}` failed:\n{result.stderr.strip()}", "run it again: what arrived is kept")
