"""Crates, by the checksums that every Cargo.lock already holds, through the universe's own cargo."""

import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from fail import Fail
from lock import hash_of
from git import git_output
from progress import Progress
from store import Store, flat_path
from systems import System

# What crates.io allows. These values come from any project, and become arguments, patterns and names of files.
NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
VERSION = r"\d+\.\d+\.\d+[0-9A-Za-z.+-]{0,128}"
CHECKSUM = r"[0-9a-f]{64}"


def fetch_crates(tree: Path, paths: list[Path], flake: Path, system: System, cache: Path, store: Store) -> int:
    """Makes the crates of these Cargo.lock files valid in the store; returns how many were missing."""
    locks = {path: crates_of(path) for path in paths}
    wanted = {path: (name, checksum) for crates in locks.values() for path, name, checksum in crates}
    invalid = store.missing(sorted(wanted))
    if not invalid:
        return 0
    home = cache / "cargo"
    print(f"nixw: fetching {len(invalid)} crates", file=sys.stderr)
    cargo = cargo_of(flake, system, store)
    with Progress(home):
        for lock, crates in locks.items():
            if any(path in invalid for path, _, _ in crates):
                fetch_lock(cargo, lock, [name for _, name, _ in crates], home)
    store.add_files([crate_file(*wanted[path], home) for path in sorted(invalid)])
    store.keep(sorted(wanted), cache / "roots" / f"crates-{name_of(tree)}-")
    return len(invalid)


def name_of(tree: Path) -> str:
    """A file name for a directory: the same in every run, another one for every directory."""
    return hashlib.sha256(os.fsencode(tree.resolve())).hexdigest()[:16]


def cargo_locks(tree: Path) -> list[Path]:
    """Every Cargo.lock that git knows, or, where it knows none, every one that is not below a build directory."""
    listed = git_output(tree, "ls-files", "-z", "--cached", "--", "Cargo.lock", "**/Cargo.lock")
    names = [name for name in listed.split("\0") if name]
    if names:
        return [tree / name for name in names if (tree / name).is_file()]
    return [path for path in sorted(tree.rglob("Cargo.lock")) if "target" not in path.parts]


def crates_of(lock: Path) -> list[tuple[str, str, str]]:
    """Store path, name with version, and checksum of each crate that a registry serves."""
    packages = [package for package in packages_of(lock) if "checksum" in package]
    for package in packages:
        for key, pattern in {"name": NAME, "version": VERSION, "checksum": CHECKSUM}.items():
            if not re.fullmatch(pattern, str(package.get(key))):
                raise Fail(f"`{lock}` has a package whose {key} is `{package.get(key)}`", "run `cargo generate-lockfile`")
    named = [(f"{package['name']}-{package['version']}", package["checksum"]) for package in packages]
    return [(flat_path(f"{name}.crate", checksum), name, checksum) for name, checksum in named]


@functools.cache
def packages_of(lock: Path) -> list[dict]:
    """The tables of a Cargo.lock, which is read once: nothing changes it while this runs."""
    try:
        packages = tomllib.loads(lock.read_text(encoding="utf-8")).get("package", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Fail(f"`{lock}` cannot be read: {error}", "run `cargo generate-lockfile`") from error
    if not isinstance(packages, list) or not all(isinstance(package, dict) for package in packages):
        raise Fail(f"`{lock}` cannot be read: `package` is not a list of tables", "run `cargo generate-lockfile`")
    return packages


def cargo_of(flake: Path, system: System, store: Store) -> list[str]:
    """The command line of the universe's cargo; `nix shell` also enters a private store."""
    installable = f"path:{flake}#legacyPackages.{system.name}.cargo"
    store.build(installable)
    return ["nix", "shell", installable, "-c", "cargo"]


def fetch_lock(cargo: list[str], lock: Path, names: list[str], home: Path) -> None:
    if lock.with_name("Cargo.toml").is_file():
        return cargo_fetch(cargo, ["--locked", "--manifest-path", str(lock.with_name("Cargo.toml"))], lock, home)
    # The lock of a project whose source comes from elsewhere: a package that wants the same crates stands in for it.
    with tempfile.TemporaryDirectory(dir=home.parent) as directory:
        package = Path(directory)
        (package / "src").mkdir()
        (package / "src/lib.rs").touch()
        (package / "Cargo.toml").write_text(stand_in(names), encoding="utf-8")
        # With it cargo also takes versions that were yanked later.
        shutil.copy(lock, package / "Cargo.lock")
        cargo_fetch(cargo, ["--manifest-path", str(package / "Cargo.toml")], lock, home)


def stand_in(names: list[str]) -> str:
    """A manifest that depends on exactly these crates, each under a name of its own: a lock may have two versions of one."""
    lines = ['[package]', 'name = "stand-in"', 'version = "0.0.0"', 'edition = "2021"', '[workspace]', '[dependencies]']
    for number, name in enumerate(names):
        crate, version = re.fullmatch(f"({NAME}?)-({VERSION})", name).groups()
        # What stands after `+` is no part of a requirement.
        lines.append(f'd{number} = {{ package = "{crate}", version = "={version.split("+")[0]}" }}')
    return "\n".join(lines) + "\n"


def cargo_fetch(cargo: list[str], arguments: list[str], lock: Path, home: Path) -> None:
    """Runs cargo outside of the project, whose `.cargo/config.toml` or `rust-toolchain.toml` could name a program to run."""
    home.mkdir(parents=True, exist_ok=True)
    command = [*cargo, *user_config(home), "fetch", "--quiet", *arguments]
    environment = {**os.environ, "CARGO_HOME": str(home)}
    result = subprocess.run(command, cwd=home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        stale = "--locked" in result.stderr
        hint = "run `cargo update --workspace`, and commit Cargo.lock" if stale else "run it again: what arrived is kept"
        raise Fail(f"the crates of `{lock}` could not be fetched:\n{result.stderr.strip()}", hint)


def user_config(working: Path) -> list[str]:
    """The option for the user's own settings, such as a mirror; below the home directory cargo finds them by itself."""
    own = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    if own.name == ".cargo" and own.parent in working.parents:
        return []
    return [word for name in ["config.toml"] if (own / name).is_file() for word in ("--config", str(own / name))]


def crate_file(name: str, checksum: str, home: Path) -> Path:
    for file in home.glob(f"registry/cache/*/{name}.crate"):
        if hash_of(file) == checksum:
            return file
    raise Fail(f"crate `{name}` with SHA-256 {checksum} was not served", "is Cargo.lock from another registry?")
