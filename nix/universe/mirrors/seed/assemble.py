"""Writes the flake that stands in for the `nixpkgs` input: the universe's files, the lock in force, the checkout."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

from lock import Lock

KEPT = 20


def assemble(universe: Path, tree: Path, lock: Lock, cache: Path) -> Path:
    """Returns the directory; equal content gives the same directory, so that parallel calls never meet."""
    files = {str(file.relative_to(universe)): file.read_bytes() for file in sorted(universe.rglob("*.nix"))}
    files["checkout.json"] = json.dumps(checkout(tree), indent=2).encode()
    lock.write(cache / "assembled.lock", in_tree=False)
    files["seeds.json"] = (cache / "assembled.lock").read_bytes()
    digest = hashlib.sha256(b"".join(name.encode() + b"\0" + content + b"\0" for name, content in files.items()))
    directory = cache / "universe" / digest.hexdigest()[:32]
    if not directory.exists():
        write(files, directory)
        forget_old(directory.parent)
    return directory


def forget_old(parent: Path) -> None:
    """Keeps the last few: every commit assembles its own."""
    by_age = sorted((path for path in parent.iterdir() if not path.name.startswith(".")), key=lambda path: path.stat().st_mtime)
    for directory in by_age[:-KEPT]:
        shutil.rmtree(directory, ignore_errors=True)


def write(files: dict[str, bytes], directory: Path) -> None:
    temporary = directory.with_name(f".{directory.name}.{os.getpid()}")
    for name, content in files.items():
        (temporary / name).parent.mkdir(parents=True, exist_ok=True)
        (temporary / name).write_bytes(content)
    try:
        temporary.rename(directory)
    except OSError:
        # Another run assembled the same content first.
        shutil.rmtree(temporary)


def checkout(tree: Path) -> dict:
    """Commit, dirty mark and date; a tree outside git has none of them."""
    commit = git(tree, "rev-parse", "HEAD")
    if not commit:
        return {"commit": None, "dirty": True, "date": None}
    dirty = bool(git(tree, "status", "--porcelain", "--untracked-files=no"))
    return {"commit": commit, "dirty": dirty, "date": int(git(tree, "show", "-s", "--format=%ct", "HEAD"))}


def git(tree: Path, *arguments: str) -> str:
    command = ["git", "-c", f"safe.directory={tree}", "-C", str(tree), *arguments]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return result.stdout.strip() if result.returncode == 0 else ""
