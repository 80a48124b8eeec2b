"""Git dependencies, by the hashes that the manifest beside a Cargo.lock gives for them.

A commit is named by Cargo.lock, but Nix needs the hash of its files to build without a network. The manifest has it, by
the package's `source` as Cargo.lock writes it:

    [build.git-hashes]
    "git+https://example.org/library?branch=main#0123…" = "sha256-…"
"""

import base64
import re
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path

from crates import name_of, packages_of
from fail import Fail
from git import git
from store import Store, call, recursive_path

MANIFESTS = ["sealift.toml", "packaging/sealift.toml"]
# Cargo.lock comes from any project, and git has addresses that are options (`--upload-pack=…`) or commands (`ext::…`).
SOURCE = r"git\+((https|ssh|file)://[!-\"$->@-~]+)(\?[!-\"$-~]*)?#([0-9a-f]{40}|[0-9a-f]{64})"


def fetch_gits(tree: Path, locks: list[Path], cache: Path, store: Store) -> int:
    """Makes the git dependencies of these Cargo.lock files valid in the store; returns how many were missing."""
    wanted = {source: hash_in(lock, source, cache) for lock in locks for source in sources_of(lock)}
    paths = {store_path(source, sri): (source, sri) for source, sri in wanted.items()}
    invalid = store.missing(sorted(paths))
    for path in sorted(invalid):
        source, sri = paths[path]
        add(source, sri, path, cache, store)
    if invalid:
        store.keep(sorted(paths), cache / "roots" / f"git-{name_of(tree)}-")
    return len(invalid)


def sources_of(lock: Path) -> list[str]:
    """The `source` of every package that comes from git, without doubles."""
    sources = {str(package.get("source", "")) for package in packages_of(lock)}
    return sorted(source for source in sources if source.startswith("git+"))


def hash_in(lock: Path, source: str, cache: Path) -> str:
    """The hash that the manifest gives; where it gives none, an error with the line to write."""
    for name in MANIFESTS:
        manifest = lock.parent / name
        if not manifest.is_file():
            continue
        try:
            hashes = tomllib.loads(manifest.read_text(encoding="utf-8")).get("build", {}).get("git-hashes", {})
        except tomllib.TOMLDecodeError as error:
            raise Fail(f"`{manifest}` cannot be read: {error}") from error
        if source in hashes:
            return hashes[source]
    with tempfile.TemporaryDirectory(dir=cache) as directory:
        found = call(["nix", "hash", "path", str(checked_out(source, Path(directory)))]).strip()
    raise Fail(f"`{lock}` has the git dependency `{source}`, and the manifest no hash of it", f'write below [build.git-hashes]\n"{source}" = "{found}"')


def parts_of(source: str) -> tuple[str, str, str]:
    """Address, commit, and the name that the store knows it by."""
    parsed = re.fullmatch(SOURCE, source)
    if not parsed:
        raise Fail(
            f"`{source}` of Cargo.lock is not a git dependency that can be fetched",
            "expected `git+`, an address that begins with https://, ssh:// or file://, `#` and a whole commit",
        )
    address, revision = parsed[1], parsed[4]
    name = re.sub(r"[^0-9A-Za-z+._?=-]+", "-", address.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git"))
    # vendor.nix makes the same name.
    return address, revision, f"git-{name}-{revision[:12]}"


def store_path(source: str, sri: str) -> str:
    if not re.fullmatch(r"sha256-[A-Za-z0-9+/]{43}=", sri):
        raise Fail(f"`{sri}` is no hash of `{source}`", "one is written like sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
    digest = base64.b64decode(sri.removeprefix("sha256-")).hex()
    return recursive_path(parts_of(source)[2], digest)


def add(source: str, sri: str, expected: str, cache: Path, store: Store) -> None:
    print(f"nixw: fetching {source}", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=cache) as directory:
        checkout = checked_out(source, Path(directory))
        added = store.add_directory(checkout)
        if added != expected:
            found = call(["nix", "hash", "path", str(checkout)]).strip()
            raise Fail(f"the git dependency `{source}`: expected {sri}, found {found}", "correct [build.git-hashes] in the manifest, if the commit is right")


def checked_out(source: str, directory: Path) -> Path:
    """The commit's files with those of its submodules, and nothing of git's."""
    address, revision, name = parts_of(source)
    checkout = directory / name
    # A dependency from the network must not name a repository of this machine as its submodule.
    schemes = "file:https:ssh" if address.startswith("file://") else "https:ssh"
    git(directory, "init", "--quiet", "--", name, schemes=schemes)
    try:
        git(checkout, "fetch", "--quiet", "--depth=1", "--", address, revision, schemes=schemes)
    except Fail:
        # Not every server gives a commit that no branch ends with.
        git(checkout, "fetch", "--quiet", "--", address, "+refs/*:refs/remotes/all/*", schemes=schemes)
    git(checkout, "checkout", "--quiet", "--detach", revision, schemes=schemes)
    git(checkout, "submodule", "--quiet", "update", "--init", "--recursive", "--depth=1", schemes=schemes)
    for part in sorted(checkout.rglob(".git"), reverse=True):
        shutil.rmtree(part) if part.is_dir() else part.unlink()
    return checkout
