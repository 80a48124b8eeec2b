"""Brings the mirrors universe's seeds into the Nix store and assembles what takes the place of flake inputs.

usage: python3 seed assemble|locate|fetch|refresh --tree DIR --cache DIR [--system SYSTEM] [--tools NAME,...]

assemble  fetches what is missing and prints a line for each input that is replaced: its name, a blank, the directory;
          the last line is `/bin/sh` and the program that is to be that in builds (what `nixw` calls before a build)
locate    prints these lines and fetches nothing: enough to evaluate
fetch     the same as assemble, and says on stderr what was done
refresh   resolves every seed afresh, of every system, and rewrites the lock in the tree

Without SYSTEM it is the machine's own, such as `x86_64-linux`. Nothing is fetched for others.

Tools that a manifest of the tree asks for are fetched with the rest, and those that `--tools` names.

SEALIFT_ACCEPT_DRIFT=signed accepts other versions of Debian packages where the locked ones are gone, 1 of wheels as well.
Nix gets its settings by NIX_CONFIG; NIXW_STORE names the directory of a private store; SEALIFT_SANDBOX=off spares the
proof that builds are shut off. Exit codes: 0 done, 2 could not.
"""

import argparse
import sys
from pathlib import Path

from assemble import assemble, assemble_sealift
from crates import cargo_locks, fetch_crates
from fail import Fail
from gits import fetch_gits
from guard import held
from lock import Lock
from sandbox import prove_sandbox
from seeds import bootstrap_path, fetch_seeds, refresh
from store import Store
from systems import System, system_of, systems
from tools import asked


def main() -> int:
    parser = argparse.ArgumentParser(prog="nixw seed")
    parser.add_argument("action", choices=["assemble", "locate", "fetch", "refresh"])
    parser.add_argument("--tree", type=Path, required=True, help="the checkout whose Cargo.lock files are seeded")
    parser.add_argument("--cache", type=Path, required=True, help="where downloads and the lock in force are kept")
    parser.add_argument("--system", help="the system that is built on")
    parser.add_argument("--tools", default="", help="tools to fetch besides those of the checkout's manifests")
    arguments = parser.parse_args()
    universe = Path(__file__).resolve().parent.parent
    try:
        tools = [tool for tool in arguments.tools.split(",") if tool]
        run(arguments.action, universe, arguments.tree, arguments.cache, system_of(arguments.system), tools)
    except Fail as error:
        print(error.shown(), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("nixw: interrupted; what was fetched is kept, run it again to go on", file=sys.stderr)
        return 130
    return 0


def run(action: str, universe: Path, tree: Path, cache: Path, system: System, tools: list[str]) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    # Two calls at once would fetch into the same directory; the second waits, and then finds all there.
    with held(cache / "lock", f"`{action}` for `{tree}`"):
        act(action, universe, tree, cache, system, tools)


def act(action: str, universe: Path, tree: Path, cache: Path, system: System, tools: list[str]) -> None:
    store = Store()
    if action == "refresh":
        refresh(universe / "seeds.json", systems(), cache)
    lock = Lock.in_force(universe / "seeds.json", system, cache)
    lock.asked = asked(tree, tools, lock)
    fetched = 0 if action == "locate" else fetch_seeds(lock, cache, store)
    # What drifted is in the lock by now.
    flake = assemble(universe, tree, lock, cache)
    if action != "locate":
        prove_sandbox(flake, system, cache, store)
        fetched += fetch_dependencies(universe, tree, flake, system, cache, store)
    if action in ("assemble", "locate"):
        if lock.drift and action == "assemble":
            print(f"nixw: {len(lock.drift)} seeds are not the locked ones, as was accepted; release.json names them", file=sys.stderr)
        print_replaced(universe, tree, flake, cache)
        if action == "assemble":
            # The shell that scripts name; nixpkgs' sandbox has the same one.
            print(f"/bin/sh {store.real_path(bootstrap_path(lock))}/bin/busybox")
    else:
        print(f"nixw: {fetched} seeds fetched, all are in the store", file=sys.stderr)


def fetch_dependencies(universe: Path, tree: Path, flake: Path, system: System, cache: Path, store: Store) -> int:
    """Fetches what the Cargo.lock files name; returns how much was missing."""
    locks = cargo_locks(tree)
    if not is_sealift(tree):
        # It compiles the packer, too.
        root = assemble_sealift(sealift_of(universe), cache)
        locks += [root / "Cargo.lock", *sorted(root.glob("crates/Cargo.lock"))]
    return fetch_crates(tree, locks, flake, system, cache, store) + fetch_gits(tree, locks, cache, store)


def print_replaced(universe: Path, tree: Path, flake: Path, cache: Path) -> None:
    print(f"nixpkgs {flake}")
    if not is_sealift(tree):
        print(f"sealift/nixpkgs {flake}")
        print(f"sealift {assemble_sealift(sealift_of(universe), cache)}")


def sealift_of(universe: Path) -> Path:
    return universe.parent.parent.parent


def is_sealift(tree: Path) -> bool:
    return (tree / "nix/universe/mirrors/flake.nix").is_file()


if __name__ == "__main__":
    sys.exit(main())
