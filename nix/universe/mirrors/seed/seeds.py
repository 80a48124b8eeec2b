"""Fetches the universe's own seeds and copes with versions that have left the mirrors."""

import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import wheels
from apt import Apt
from drift import Consent, changes
from fail import Fail
from lock import Lock, Seed, hash_of, write_tree_lock
from progress import Progress
from store import Store, flat_path, recursive_path
from systems import System

# What unpacks everything else must be ready to run: these two static programs, taken out of their packages.
BOOTSTRAP = {"busybox-static": "bin/busybox", "bash-static": "bin/bash-static"}
BOOTSTRAP_NAME = "bootstrap"
DISTRUST = "do not trust this mirror: use another one, and tell the owner of this one"


def fetch_seeds(lock: Lock, cache: Path, store: Store) -> int:
    """Makes every seed of the lock valid in the store; returns how many were missing."""
    paths = [flat_path(seed.store_name, seed.sha256) for seed in lock.seeds]
    if not store.missing([*paths, bootstrap_path(lock)]):
        return 0
    missing = missing_seeds(lock, store)
    downloads = cache / "seeds"
    fetch(lock, missing, downloads, cache, store)
    # A refreshed lock names other files than the ones that were missing.
    missing = missing_seeds(lock, store)
    present = [verified(seed, downloads) for seed in missing]
    add(missing, present, store)
    add_bootstrap(lock, downloads, cache, store)
    keep(lock, cache, store)
    for file in present:
        file.unlink()
    return len(missing)


def keep(lock: Lock, cache: Path, store: Store) -> None:
    """Each tool has roots of its own: the next call can be for a project that asks for others."""
    system = lock.system.name
    groups = {f"seed-{system}-": lock.debian + lock.python} | {f"tool-{tool}-{system}-": lock.tools[tool] for tool in lock.asked}
    for name, seeds in groups.items():
        paths = [flat_path(seed.store_name, seed.sha256) for seed in seeds]
        store.keep(paths + [bootstrap_path(lock)], cache / "roots" / name)


def missing_seeds(lock: Lock, store: Store) -> list[Seed]:
    invalid = store.missing([flat_path(seed.store_name, seed.sha256) for seed in lock.seeds])
    return [seed for seed in lock.seeds if flat_path(seed.store_name, seed.sha256) in invalid]


def fetch(lock: Lock, missing: list[Seed], downloads: Path, cache: Path, store: Store) -> None:
    """Downloads the missing seeds, after bringing the lock up to what the mirrors still serve."""
    apt = Apt(lock.system, cache)
    consent = Consent.of_environment()
    wheel_names = {seed.name for seed in lock.python}
    debian = [seed for seed in missing if seed.name not in wheel_names and not is_here(seed, downloads)]
    python = [seed for seed in missing if seed.name in wheel_names and not is_here(seed, downloads)]
    if not debian and not python:
        return
    print(f"nixw: fetching {len(debian) + len(python)} seeds", file=sys.stderr)
    with Progress(downloads, sum(seed.size for seed in debian + python)), ThreadPoolExecutor(1) as pool:
        fetched_wheels = [pool.submit(fetch_wheel, lock, seed, downloads, consent) for seed in python]
        if debian:
            drifted = follow_debian(lock, debian, apt, consent)
            if drifted:
                # The store has most of what was resolved afresh.
                fresh = missing_seeds(lock, store)
                debian = [seed for seed in fresh if seed.name not in wheel_names and not is_here(seed, downloads)]
            apt.download(debian, downloads)
        for wheel in fetched_wheels:
            wheel.result()
    if lock.drift:
        lock.bootstrap = {"sha256": bootstrap_hash(lock, downloads, cache)}
        lock.write(Lock.path_of_refreshed(lock, cache))


def is_here(seed: Seed, downloads: Path) -> bool:
    file = downloads / seed.file
    return file.is_file() and file.stat().st_size == seed.size and hash_of(file) == seed.sha256


def follow_debian(lock: Lock, missing: list[Seed], apt: Apt, consent: Consent) -> bool:
    """Resolves all Debian seeds afresh where a pinned one is no longer served; says what changed."""
    known = apt.known([seed.name for seed in missing])
    refuse_other_bytes(missing, list(known.values()))
    if all((seed.name, seed.version) in known for seed in missing):
        return False
    fresh = resolved(lock, apt)
    refuse_other_bytes(lock.every_debian, fresh.every_debian)
    apt.refuse_older(lock.every_debian, fresh.every_debian)
    drifted = changes(lock.seeds, fresh.seeds)
    if not consent.signed:
        raise Fail(
            "Debian's mirrors no longer serve every locked seed:\n" + "\n".join(drifted),
            "`--accept-drift` or SEALIFT_ACCEPT_DRIFT=signed builds from what Debian's signed index has instead, and release.json says so",
        )
    tell(drifted)
    lock.debian, lock.tools = fresh.debian, fresh.tools
    return True


def resolved(lock: Lock, apt: Apt) -> Lock:
    """The same lock with the Debian packages that the mirrors have now."""
    packages, without = lock.wanted["packages"], lock.wanted["without"]
    debian = apt.resolve(packages, without)
    tools = {}
    for tool, wanted in lock.wanted["tools"].items():
        more = apt.resolve(packages + wanted["packages"], without + wanted["without"])
        tools[tool] = [seed for seed in more if seed not in debian]
    return replace(lock, debian=debian, tools=tools)


def refuse_other_bytes(locked: list[Seed], served: list[Seed]) -> None:
    """A version never changes its bytes, so a mirror that serves others is broken or hostile, whatever the caller accepts."""
    by_version = {(seed.name, seed.version): seed.sha256 for seed in served}
    for seed in locked:
        found = by_version.get((seed.name, seed.version), seed.sha256)
        if found != seed.sha256:
            raise Fail(f"seed `{seed.file}`: expected SHA-256 {seed.sha256}, but the mirror serves {found} as the same version", DISTRUST)


def fetch_wheel(lock: Lock, seed: Seed, downloads: Path, consent: Consent) -> None:
    """Fetches one wheel, or the newest of its name where the locked version is gone and the caller accepts that."""
    downloads.mkdir(parents=True, exist_ok=True)
    # Nothing of an earlier run is taken for what this one fetched, and nothing refused stays.
    with tempfile.TemporaryDirectory(dir=downloads) as directory:
        found = wheels.download(f"{seed.name}=={seed.version}", lock.system, Path(directory))
        if found:
            refuse_other_bytes([seed], [found])
        else:
            found = replaced_wheel(lock, seed, Path(directory), consent)
        (Path(directory) / found.file).replace(downloads / found.file)


def replaced_wheel(lock: Lock, seed: Seed, directory: Path, consent: Consent) -> Seed:
    found = wheels.download(seed.name, lock.system, directory)
    if not found:
        raise Fail(f"no version of the wheel `{seed.name}` is served", "check pip's configuration")
    if not consent.unsigned:
        raise Fail(
            f"seed {seed.name}: locked {seed.version} is gone; the mirror has {found.version} with SHA-256 {found.sha256}, which nothing vouches for",
            "use a mirror that has the locked version; or compare that hash with one from another network, and then `--accept-drift`",
        )
    tell(changes([seed], [found]))
    lock.python = [found if old.name == seed.name else old for old in lock.python]
    return found


def tell(drifted: list[str]) -> None:
    for line in drifted:
        print(f"nixw: {line}", file=sys.stderr)


def verified(seed: Seed, downloads: Path) -> Path:
    file = downloads / seed.file
    if not file.is_file():
        raise Fail(f"seed `{seed.file}` did not arrive in `{downloads}`", "run `./nixw seed` again")
    found = hash_of(file)
    if found != seed.sha256:
        file.unlink()
        raise Fail(f"seed `{seed.file}`: expected SHA-256 {seed.sha256}, found {found}", "the file was removed; run `./nixw seed` again")
    return file


def add(seeds: list[Seed], files: list[Path], store: Store) -> None:
    """Adds the files under names that the store allows."""
    if not files:
        return
    with tempfile.TemporaryDirectory(dir=files[0].parent) as directory:
        named = [Path(directory) / seed.store_name for seed in seeds]
        for file, name in zip(files, named):
            name.hardlink_to(file)
        store.add_files(named)


def bootstrap_path(lock: Lock) -> str:
    """Where the programs that unpack everything else are."""
    return recursive_path(BOOTSTRAP_NAME, lock.bootstrap["sha256"])


def unpack_bootstrap(lock: Lock, downloads: Path, into: Path, store: Store | None) -> None:
    (into / "bin").mkdir(parents=True)
    for package, member in BOOTSTRAP.items():
        seed = next(seed for seed in lock.debian if seed.name == package)
        file = downloads / seed.file
        if store and not file.is_file():
            file = Path(store.real_path(flat_path(seed.store_name, seed.sha256)))
        with tempfile.TemporaryDirectory() as root:
            result = subprocess.run(["dpkg-deb", "--extract", str(file), root], stderr=subprocess.PIPE, text=True)
            if result.returncode != 0:
                raise Fail(f"`{seed.file}` could not be unpacked: {result.stderr.strip()}")
            target = into / "bin" / ("bash" if package == "bash-static" else "busybox")
            shutil.copy(Path(root) / member, target)
            target.chmod(0o555)


def bootstrap_hash(lock: Lock, downloads: Path, cache: Path) -> str:
    with tempfile.TemporaryDirectory(dir=cache) as directory:
        into = Path(directory) / BOOTSTRAP_NAME
        unpack_bootstrap(lock, downloads, into, Store())
        hashed = subprocess.run(["nix-hash", "--type", "sha256", str(into)], stdout=subprocess.PIPE, text=True, check=True)
        return hashed.stdout.strip()


def add_bootstrap(lock: Lock, downloads: Path, cache: Path, store: Store) -> None:
    expected = bootstrap_path(lock)
    if not store.missing([expected]):
        return
    with tempfile.TemporaryDirectory(dir=cache) as directory:
        into = Path(directory) / BOOTSTRAP_NAME
        unpack_bootstrap(lock, downloads, into, store)
        added = store.add_directory(into)
    if added != expected:
        raise Fail(f"the bootstrap programs became `{added}`, but the lock expects `{expected}`", "run `./nixw seed --refresh`")


def refresh(tree_lock: Path, systems: list[System], cache: Path) -> None:
    """Resolves everything afresh and rewrites the tree's lock; what is still the same is not fetched."""
    locks = [refreshed(Lock.read(tree_lock, system), cache) for system in systems]
    write_tree_lock(tree_lock, locks)
    for lock in locks:
        counts = f"{len(lock.every_debian)} Debian packages and {len(lock.python)} wheels"
        print(f"nixw: `{tree_lock}` now holds {counts} for {lock.system.name}", file=sys.stderr)


def refreshed(lock: Lock, cache: Path) -> Lock:
    downloads = cache / "seeds"
    apt = Apt(lock.system, cache)
    fresh = resolved(lock, apt)
    with tempfile.TemporaryDirectory(dir=cache) as directory:
        found = [wheels.download(requirement, lock.system, Path(directory)) for requirement in lock.wanted["wheels"]]
    if not all(found):
        raise Fail(f"not every wheel of {lock.wanted['wheels']} is served for {lock.system.name}", "check pip's configuration")
    fresh.python = [wheel for wheel in found if wheel]
    lock.asked = fresh.asked = list(lock.tools.keys() & fresh.tools.keys())
    refuse_other_bytes(lock.seeds, fresh.seeds)
    tell(changes(lock.seeds, fresh.seeds))
    lock.debian, lock.python, lock.tools = fresh.debian, fresh.python, fresh.tools
    apt.download([seed for seed in fresh.debian if seed.name in BOOTSTRAP], downloads)
    lock.bootstrap = {"sha256": bootstrap_hash(lock, downloads, cache)}
    return lock
