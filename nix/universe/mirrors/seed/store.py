"""The Nix store, as seeding needs it."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from fail import Fail

ALPHABET = "0123456789abcdfghijklmnpqrsvwxyz"


class Store:
    """Adds fixed-output files and keeps them from the garbage collector. Settings come by NIX_CONFIG, as `nixw` sets it."""

    def build(self, installable: str) -> None:
        """Builds without a link; what Nix says is shown while it works on a terminal, and with the error elsewhere."""
        command = ["nix", "build", "--no-link", installable]
        if not sys.stderr.isatty():
            call(command)
        elif subprocess.run(command).returncode != 0:
            raise Fail(f"`{installable}` could not be built")

    def nix_store(self, *arguments: str) -> str:
        """Runs `nix-store`, for what the new command line cannot do in one call."""
        return call(["nix-store", *arguments])

    def real_path(self, path: str) -> str:
        """Where a store path lies on this machine; a private store has it below its own directory."""
        return os.environ.get("NIXW_STORE", "") + path

    def missing(self, paths: list[str]) -> set[str]:
        """Those of `paths` that are not valid in the store."""
        if not paths:
            return set()
        return set(self.nix_store("--check-validity", "--print-invalid", *paths).split())

    def add_files(self, files: list[Path]) -> None:
        """Adds flat files under their own names; each must be named as it is to be called in the store."""
        if files:
            self.nix_store("--add-fixed", "sha256", *map(str, files))

    def add_directory(self, directory: Path) -> str:
        return self.nix_store("--add-fixed", "--recursive", "sha256", str(directory)).strip()

    def keep(self, paths: list[str], root: Path) -> None:
        """Registers one garbage-collection root per path, all below `root`'s directory."""
        root.parent.mkdir(parents=True, exist_ok=True)
        for old in root.parent.glob(f"{root.name}*"):
            old.unlink()
        self.nix_store("--realise", *paths, "--add-root", str(root), "--indirect")


def call(command: list[str]) -> str:
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        words = " ".join(command[:3])
        raise Fail(f"`{words} …` failed with exit code {result.returncode}:\n{result.stderr.strip()}")
    return result.stdout


def flat_path(name: str, sha256: str) -> str:
    """The store path of a flat fixed-output file (Nix manual, "Store path specification")."""
    return store_path("output:out", f"fixed:out:sha256:{sha256}:", name)


def recursive_path(name: str, sha256: str) -> str:
    """The store path of a recursive fixed output with this NAR hash; SHA-256 has a fingerprint of its own."""
    return make_path(f"source:sha256:{sha256}:/nix/store:{name}", name)


def store_path(kind: str, inner: str, name: str) -> str:
    inner_hash = hashlib.sha256(inner.encode()).hexdigest()
    return make_path(f"{kind}:sha256:{inner_hash}:/nix/store:{name}", name)


def make_path(fingerprint: str, name: str) -> str:
    digest = hashlib.sha256(fingerprint.encode()).digest()
    folded = bytearray(20)
    for index, byte in enumerate(digest):
        folded[index % 20] ^= byte
    return f"/nix/store/{base32(bytes(folded))}-{name}"


def base32(data: bytes) -> str:
    """Nix's base 32: its own alphabet, least significant digit last."""
    number = int.from_bytes(data, "little")
    digits = (len(data) * 8 - 1) // 5 + 1
    return "".join(ALPHABET[number >> (5 * i) & 31] for i in reversed(range(digits)))
