"""Debian packages, through apt with lists of the Debian suites alone.

Nothing of the host's package state is read or written: apt gets private directories and an empty status file, so it
resolves as for an empty system. The mirrors' addresses come from the host's own configuration.
"""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fail import Fail
from lock import Seed
from systems import System

RELEASE = "bookworm"
SOURCES = Path("/etc/apt")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
NO_DEBIAN_12 = "the mirrors universe needs a mirror of Debian 12; add one to /etc/apt/sources.list.d, or use the nixpkgs universe"

OLD_INDEX = "the mirror lags behind, or serves an old index: use another one"


class Apt:
    def __init__(self, system: System, cache: Path) -> None:
        self.architecture = system.architecture
        # apt removes the lists of other architectures.
        self.root = cache / "apt" / system.architecture
        self.updated = False

    def update(self) -> None:
        """Fetches the signed indexes, once per run."""
        if self.updated:
            return
        for part in ["lists/partial", "archives/partial", "etc"]:
            (self.root / part).mkdir(parents=True, exist_ok=True)
        sources = self.root / "sources.list"
        sources.write_text("".join(f"{line}\n" for line in source_lines()))
        result = self.run("apt-get", "update", "-qq", "-o", "APT::Update::Error-Mode=any")
        if result.returncode != 0:
            raise Fail(f"the package index of Debian 12 could not be fetched:\n{result.stderr.strip()}", NO_DEBIAN_12)
        self.updated = True

    def run(self, tool: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess:
        options = {
            "Dir::State": self.root,
            "Dir::State::lists": self.root / "lists",
            "Dir::State::status": "/dev/null",
            "Dir::Cache": self.root,
            "Dir::Etc::sourcelist": self.root / "sources.list",
            "Dir::Etc::sourceparts": self.root / "etc",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": self.root / "etc",
            "APT::Architecture": self.architecture,
            "APT::Architectures": self.architecture,
            "APT::Default-Release": "",
            "APT::Install-Recommends": "false",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            # The cache is the user's own directory, which apt's unprivileged user may not enter.
            "APT::Sandbox::User": "root",
            # The signature is all that vouches for a package, whatever this machine's own apt lets pass.
            "Acquire::AllowInsecureRepositories": "false",
            "Acquire::AllowWeakRepositories": "false",
            "Acquire::AllowDowngradeToInsecureRepositories": "false",
            "APT::Get::AllowUnauthenticated": "false",
        }
        flags = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        command = [tool, *flags, *arguments]
        return subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def known(self, names: list[str]) -> dict[tuple[str, str], Seed]:
        """Every version of these packages that the indexes hold, by name and version."""
        self.update()
        shown = self.run("apt-cache", "show", "--all-versions", "--", *names).stdout
        found = {}
        for record in shown.split("\n\n"):
            fields = dict(re.findall(r"^(Package|Version|Architecture|SHA256|Size): (.+)$", record, re.M))
            if len(fields) == 5:
                name, version = fields["Package"], fields["Version"]
                file = f"{name}_{version.replace(':', '%3a')}_{fields['Architecture']}.deb"
                found[name, version] = Seed(name, version, file, fields["SHA256"], int(fields["Size"]))
        return found

    def resolve(self, packages: list[str], without: list[str]) -> list[Seed]:
        """The closure of `packages` as for an empty system, less those whose name matches a pattern of `without`."""
        self.update()
        result = self.run("apt-get", "install", "--print-uris", "-qq", "--", *packages)
        if result.returncode != 0:
            raise Fail(f"the seeds cannot be resolved:\n{result.stderr.strip()}", NO_DEBIAN_12)
        files = re.findall(r"^'[^']+' (\S+) ", result.stdout, re.M)
        names = [file.split("_")[0] for file in files]
        chosen = {tuple(file.split("_")[:2]) for file in files}
        known = self.known(names).values()
        seeds = [seed for seed in known if tuple(seed.file.split("_")[:2]) in chosen]
        patterns = [re.compile(pattern) for pattern in without]
        kept = [seed for seed in seeds if not any(pattern.fullmatch(seed.name) for pattern in patterns)]
        return sorted(kept, key=lambda seed: seed.name)

    def refuse_older(self, locked: list[Seed], resolved: list[Seed]) -> None:
        """A signed index stays signed when it is old: a mirror that replays one must not bring back mended defects."""
        before = {seed.name: seed.version for seed in locked}
        for seed in resolved:
            wanted = before.get(seed.name, seed.version)
            if subprocess.run(["dpkg", "--compare-versions", seed.version, "lt", wanted]).returncode == 0:
                raise Fail(f"seed {seed.name}: the mirror's newest version {seed.version} is older than the locked {wanted}", OLD_INDEX)

    def download(self, seeds: list[Seed], into: Path) -> None:
        """Four at a time; files that are there already are not fetched again."""
        into.mkdir(parents=True, exist_ok=True)
        # Largest first, dealt like cards, so that the four finish together.
        ordered = sorted(seeds, key=lambda seed: -seed.size)
        hands = [hand for hand in (ordered[start::4] for start in range(4)) if hand]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda hand: self.download_hand(hand, into), hands))

    def download_hand(self, seeds: list[Seed], into: Path) -> None:
        words = [f"{seed.name}={seed.version}" for seed in seeds]
        result = self.run("apt-get", "download", "-qq", "--", *words, cwd=into)
        if result.returncode != 0:
            raise Fail(f"Debian packages could not be fetched:\n{result.stderr.strip()}", "run it again: what arrived is kept")


def source_lines() -> list[str]:
    """`sources.list` lines for Debian 12 on the mirrors that the host is configured for."""
    lines = []
    for address in sorted(mirror_addresses()):
        if address.endswith("debian-security"):
            suites = [f"{RELEASE}-security"]
        else:
            suites = [RELEASE, f"{RELEASE}-updates"]
        lines += [f"deb [signed-by={KEYRING}] {address} {suite} main" for suite in suites]
    if not lines:
        raise Fail("no Debian mirror is configured below `/etc/apt`", NO_DEBIAN_12)
    if not KEYRING.exists():
        raise Fail(f"Debian's keys are missing: `{KEYRING}`", "install the package debian-archive-keyring")
    return lines


def mirror_addresses() -> set[str]:
    """Addresses of Debian archives in the host's sources, of either syntax (sources.list(5))."""
    files = [SOURCES / "sources.list", *SOURCES.glob("sources.list.d/*.list"), *SOURCES.glob("sources.list.d/*.sources")]
    text = "\n".join(file.read_text(errors="replace") for file in files if file.is_file())
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    words = " ".join(line for line in lines if re.match(r"\s*(deb\s|URIs:|\s)", line)).split()
    return {word.rstrip("/") for word in words if re.fullmatch(r"[a-z+]+:/.*/debian(-security)?/?", word)}
