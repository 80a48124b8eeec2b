"""Proves that builds are shut off from this machine: a derivation builds only where that is so."""

import os
import subprocess
from pathlib import Path

from fail import Fail
from store import Store
from systems import System

HINT = (
    "containers need user namespaces, and a daemon must trust this user or have the setting `sandbox = true`; "
    "SEALIFT_SANDBOX=off goes on without"
)


def prove_sandbox(flake: Path, system: System, cache: Path, store: Store) -> None:
    """Once per machine, system, user and version of Nix."""
    if os.environ.get("SEALIFT_SANDBOX") == "off":
        return
    version = subprocess.run(["nix", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[-1]
    proof = cache / f"sandbox-{os.uname().nodename}-{system.name}-{version}-{os.getuid()}"
    if proof.exists():
        return
    try:
        store.build(f"path:{flake}#legacyPackages.{system.name}.sandbox-probe")
    except Fail as error:
        raise Fail(f"no sandbox can be had here, so a build would not be hermetic: {error}", HINT) from error
    proof.touch()
