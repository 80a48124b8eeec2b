"""Brings the mirrors universe's seeds into the Nix store and assembles its flake.

usage: python3 seed assemble|locate|fetch|refresh --tree DIR --cache DIR

assemble  fetches what is missing and prints the path of the assembled flake (what `nixw` calls before a build)
locate    prints that path and fetches nothing: enough to evaluate
fetch     the same as assemble, and says on stderr what was done
refresh   resolves every seed afresh and rewrites the lock in the tree

Nix gets its settings by NIX_CONFIG; NIXW_STORE names the directory of a private store; SEALIFT_SANDBOX=off spares the
proof that builds are shut off. Exit codes: 0 done, 2 could not.
"""

import argparse
import fcntl
import sys
from pathlib import Path

from assemble import assemble
from crates import fetch_crates
from fail import Fail
from lock import Lock
from sandbox import prove_sandbox
from seeds import fetch_seeds, refresh
from store import Store


def main() -> int:
    parser = argparse.ArgumentParser(prog="nixw seed")
    parser.add_argument("action", choices=["assemble", "locate", "fetch", "refresh"])
    parser.add_argument("--tree", type=Path, required=True, help="the checkout whose Cargo.lock files are seeded")
    parser.add_argument("--cache", type=Path, required=True, help="where downloads and the lock in force are kept")
    arguments = parser.parse_args()
    universe = Path(__file__).resolve().parent.parent
    try:
        run(arguments.action, universe, arguments.tree, arguments.cache)
    except Fail as error:
        print(f"nixw: {error}", file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("nixw: interrupted; what was fetched is kept, run it again to go on", file=sys.stderr)
        return 130
    return 0


def run(action: str, universe: Path, tree: Path, cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    # Two calls at once would fetch into the same directory; the second waits, and then finds all there.
    guard = (cache / "lock").open("w")
    fcntl.flock(guard, fcntl.LOCK_EX)
    store = Store()
    if action == "refresh":
        refresh(universe / "seeds.json", cache)
    lock = Lock.in_force(universe / "seeds.json", cache)
    if action == "locate":
        print(assemble(universe, tree, lock, cache))
        return
    fetched = fetch_seeds(lock, cache, store)
    flake = assemble(universe, tree, lock, cache)
    prove_sandbox(flake, cache, store)
    fetched += fetch_crates(tree, flake, cache, store)
    if action == "assemble":
        print(flake)
    else:
        print(f"nixw: {fetched} seeds fetched, all are in the store", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
