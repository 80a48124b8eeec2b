"""Writes the flakes that take the place of inputs: one for `nixpkgs`, and for other projects one for `sealift`."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from git import git_output
from lock import Lock

KEPT = 20
# nix/default.nix looks for it.
AS_INPUT = ".as-input"
CRATES, CRATES_IN_CRATE = "crates/", "packaging/crates/"


def assemble(universe: Path, tree: Path, lock: Lock, cache: Path) -> Path:
    """The universe's files, the lock in force and the checkout's facts, in a directory that is returned."""
    files = {str(file.relative_to(universe)): file.read_bytes() for file in sorted(universe.rglob("*.nix"))}
    files["systems.json"] = (universe / "systems.json").read_bytes()
    files["checkout.json"] = json.dumps(checkout(tree), indent=2).encode()
    lock.write(cache / "assembled.lock")
    files["seeds.json"] = (cache / "assembled.lock").read_bytes()
    return directory_of(files, cache / "universe")


def assemble_sealift(root: Path, cache: Path) -> Path:
    """Sealift's own files without what was built in the checkout: an input is copied to the store as a whole."""
    names = sealift_files(root)
    # Sorted: Cargo.toml.orig comes after what it replaces.
    files = {restored(name): (root / name).read_bytes() for name in names}
    # The hash of a source has the executable bit in it, and what a checkout has built is not to be built again.
    executable = {restored(name) for name in names if (root / name).stat().st_mode & 0o100}
    # Its commit is not known from here on, and the project's must not be taken for it.
    files[AS_INPUT] = b""
    return directory_of(files, cache / "sealift", links(root), executable)


def sealift_files(root: Path) -> list[str]:
    listed = git_output(root, "ls-files", "--cached")
    if listed:
        # The links in packaging/crates are for the published crate alone.
        return sorted(name for name in listed.splitlines() if (root / name).is_file() and not name.startswith(CRATES_IN_CRATE))
    # The published crate, which git does not know.
    paths = (path.relative_to(root) for path in sorted(root.rglob("*")) if path.is_file())
    return [str(path) for path in paths if "target" not in path.parts[:-1]]


def links(root: Path) -> dict[str, str]:
    """The checkout's links to directories, and where they lead; the published crate has none."""
    listed = git_output(root, "ls-files", "--cached").splitlines()
    found = [name for name in listed if (root / name).is_symlink() and (root / name).is_dir()]
    return {name: os.readlink(root / name) for name in found if not name.startswith(CRATES_IN_CRATE)}


def restored(name: str) -> str:
    """A file's name in the checkout: the published crate has other crates elsewhere, and a manifest that cargo wrote."""
    if name == "Cargo.toml.orig":
        return "Cargo.toml"
    if not name.startswith(CRATES_IN_CRATE):
        return name
    return CRATES + name.removeprefix(CRATES_IN_CRATE).replace("manifest.toml", "Cargo.toml")


def directory_of(
    files: dict[str, bytes], parent: Path, links: dict[str, str] = {}, executable: Iterable[str] = ()
) -> Path:
    """Equal content gives the same directory, so that parallel calls never meet."""
    digest = hashlib.sha256(b"".join(name.encode() + b"\0" + content + b"\0" for name, content in files.items()))
    digest.update(repr([sorted(links.items()), sorted(executable)]).encode())
    directory = parent / digest.hexdigest()[:32]
    if not directory.exists():
        write(files, links, executable, directory)
        forget_old(directory.parent)
    return directory


def forget_old(parent: Path) -> None:
    """Keeps the last few: every commit assembles its own."""
    by_age = sorted((path for path in parent.iterdir() if not path.name.startswith(".")), key=lambda path: path.stat().st_mtime)
    for directory in by_age[:-KEPT]:
        shutil.rmtree(directory, ignore_errors=True)


def write(files: dict[str, bytes], links: dict[str, str], executable: Iterable[str], directory: Path) -> None:
    temporary = directory.with_name(f".{directory.name}.{os.getpid()}")
    for name, content in files.items():
        (temporary / name).parent.mkdir(parents=True, exist_ok=True)
        (temporary / name).write_bytes(content)
        (temporary / name).chmod(0o755 if name in executable else 0o644)
    for name, target in links.items():
        (temporary / name).parent.mkdir(parents=True, exist_ok=True)
        (temporary / name).symlink_to(target)
    try:
        temporary.rename(directory)
    except OSError:
        # Another run assembled the same content first.
        shutil.rmtree(temporary)


def checkout(tree: Path) -> dict:
    """Commit, whether files have changed since, and date; a tree outside git has none of them."""
    commit = git_output(tree, "rev-parse", "HEAD")
    if not commit:
        return {"commit": None, "dirty": False, "date": None}
    dirty = bool(git_output(tree, "status", "--porcelain", "--untracked-files=no"))
    return {"commit": commit, "dirty": dirty, "date": int(git_output(tree, "show", "-s", "--format=%ct", "HEAD"))}
