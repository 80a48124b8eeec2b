"""Releases the programs of `programs.toml` for the platforms that people have, by `sealift init` and nothing else.

    corpus.py SEALIFT STATE REPORT [PROGRAM...]

SEALIFT is the program to initialize projects with; the projects take the checkout that this file is in as their input.
STATE must not be in the checkout, whose workspace the projects would be taken for parts of. It keeps a record per program and platform: what passed with the same crate is not done again, so that a run which was
ended goes on where it was. REPORT is written after each program, from all records.
Needs cargo (it fetches the crates), git, lintian, qemu-aarch64-static and wine.
Exit status: 0 all of the programs are released for all platforms, 1 some are not, 2 it could not run.
"""

import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
# What `sealift init` is told besides where Sealift is: the two options that a program gets.
PLATFORMS = {
    "x86_64-unknown-linux-musl": "Linux x86_64",
    "aarch64-unknown-linux-musl": "Linux aarch64",
    "x86_64-pc-windows-gnullvm": "Windows x86_64",
    "universal2-apple-darwin": "macOS universal",
}
GIT = ["git", "-c", "user.name=A. Person", "-c", "user.email=person@example.org", "-c", "core.excludesFile="]
WINE = "/usr/lib/wine/wine64"
# Targets that are compiled at once: one has work while another links, which takes one core.
AT_ONCE = 2
# Of the table of the page.
COLUMNS = 9


class Failed(Exception):
    """A step that did not succeed, with the reason in one line."""


class Project:
    """A program of the table, and the directory with its sources and records."""

    def __init__(self, row, state):
        self.row = row
        self.name = row["name"]
        self.state = state / self.name
        self.directory = self.state / "project"

    def record(self, triple):
        """What is known of a platform, if it is about this very crate."""
        file = self.state / f"{triple}.json"
        record = json.loads(file.read_text()) if file.exists() else {}
        return record if record.get("crate") == self.row["sha256"] else {}

    def write(self, triple, **more):
        record = {"crate": self.row["sha256"]} | self.record(triple) | {"sealift": commit()} | more
        record = {key: value for key, value in record.items() if value is not None}
        self.state.mkdir(parents=True, exist_ok=True)
        new = self.state / f"{triple}.new"
        new.write_text(json.dumps(record, indent=2) + "\n")
        new.replace(self.state / f"{triple}.json")

    def passed(self, triple):
        record = self.record(triple)
        return "formats" in record and "reason" not in record

    def run(self, log, *command):
        """Runs a command in the project; its output goes to a log of its own. Returns whether it succeeded, and the
        seconds that it and its children had of a processor: the builders of a Nix without a daemon are among them."""
        with open(self.state / f"{log}.log", "w", encoding="utf-8") as out:
            started = subprocess.Popen(command, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
            _, status, used = os.wait4(started.pid, 0)
            started.returncode = os.waitstatus_to_exitcode(status)
        return started.returncode == 0, round(used.ru_utime + used.ru_stime)

    def said(self, log):
        return (self.state / f"{log}.log").read_text(encoding="utf-8", errors="replace")


@functools.cache
def commit():
    """Sealift's own, and whether what projects get of it was changed since then."""
    command = [*GIT, "rev-parse", "--short=12", "HEAD"]
    head = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout.strip()
    command = [*GIT, "diff", "--quiet", "HEAD", "--", ":!docs", ":!checks"]
    return head + ("-dirty" if subprocess.run(command, cwd=CHECKOUT).returncode else "")


def fetched(row):
    """The crate's file in cargo's cache, where cargo puts it to show what is in it."""
    home = pathlib.Path(os.environ.get("CARGO_HOME") or pathlib.Path.home() / ".cargo")
    name = f"{row['name']}-{row['version']}.crate"
    for attempt in (False, True):
        if attempt:
            subprocess.run(["cargo", "info", "--quiet", f"{row['name']}@{row['version']}"], cwd="/", capture_output=True)
        for file in home.glob(f"registry/cache/*/{name}"):
            if hashlib.sha256(file.read_bytes()).hexdigest() == row["sha256"]:
                return file
    raise Failed(f"{name} with the SHA-256 of the table could not be fetched")


def prepare(project):
    """The crate, unpacked into a git checkout of its own."""
    project.state.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(project.directory, ignore_errors=True)
    unpacked = project.state / f"{project.name}-{project.row['version']}"
    shutil.rmtree(unpacked, ignore_errors=True)
    with tarfile.open(fetched(project.row)) as crate:
        crate.extractall(project.state, filter="data")
    unpacked.rename(project.directory)
    git(project, "init", "--quiet")
    git(project, "add", "--all", "--force")
    git(project, "commit", "--quiet", "--message", "As it is published")


def git(project, *arguments):
    subprocess.run([*GIT, *arguments], cwd=project.directory, check=True, capture_output=True)


def initialize(project, sealift, triples, log):
    """Lets `sealift init` write the files for these targets, in place of those that it has written before."""
    git(project, "reset", "--quiet", "--hard", git_root(project))
    git(project, "clean", "--quiet", "--force", "-d", "-x", "--exclude=/result*")
    command = [sealift, "init", "--sealift", f"git+file://{CHECKOUT}", "--target", ",".join(triples), "--format", "all"]
    environment = {**os.environ, "GIT_CONFIG_COUNT": "2"}
    environment |= {"GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "A. Person"}
    environment |= {"GIT_CONFIG_KEY_1": "user.email", "GIT_CONFIG_VALUE_1": "person@example.org"}
    made = subprocess.run(command, cwd=project.directory, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    (project.state / f"{log}.log").write_text(made.stdout + made.stderr)
    if made.returncode != 0:
        raise Failed(f"init: {made.stderr.strip().splitlines()[0]}")
    git(project, "add", "--all", "--force")
    git(project, "commit", "--quiet", "--message", "Release it with Sealift")


def git_root(project):
    command = [*GIT, "rev-list", "--max-parents=0", "HEAD"]
    return subprocess.run(command, cwd=project.directory, check=True, capture_output=True, text=True).stdout.strip()


def build(project, triple):
    """Compiles for a target, and records how large the programs are and how long that took."""
    built, seconds = project.run(f"build-{triple}", "./nixw", "build", "--print-build-logs", "--out-link", f"result-{triple}", f".#{project.name}-{triple}")
    if not built and "interrupted by the user" in project.said(f"build-{triple}"):
        raise SystemExit("corpus.py: interrupted")
    if not built:
        raise Failed(f"does not compile: {reason(project.said(f'build-{triple}'))}")
    # Where the dependencies were there already, the time would be that of a part only.
    compiled = f"building {project.name}-dependencies" in project.said(f"build-{triple}")
    size = sum(file.stat().st_size for file in (project.directory / f"result-{triple}/bin").iterdir())
    project.write(triple, size=size, **({"seconds": seconds} if compiled else {}))


def reason(log):
    """The line of a build's log that says best why it failed."""
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in log.splitlines()]
    for pattern in (r"^(\S+> *)?error(\[E\d+\])?: (?!could not compile|build failed|process didn|failed to run custom|builder for|1 dependencies|interrupted)", r"cannot link for", r"[Ee]rror|ERROR|panicked"):
        found = [line for line in lines if re.search(pattern, line)]
        if found:
            return shortened(re.sub(r"^\S+> *", "", found[-1] if pattern.startswith("^") else found[0]))
    return shortened(lines[-1] if lines else "nothing was said")


def shortened(line, most=200):
    line = line.replace("|", "\\|").replace("`", "'")
    return line if len(line) <= most else line[: most - 1] + "…"


def run_it(project, triple):
    """Runs the program with `--version`, where this machine can, and records how. One that has no such option is asked
    for its help, and the table has a text of that."""
    program = project.directory / f"result-{triple}/bin" / project.row["program"]
    if triple == "universal2-apple-darwin":
        return project.write(triple, ran="not run")
    if triple.startswith("x86_64-unknown-linux"):
        how, command = "natively", [program]
    elif triple.startswith("aarch64-unknown-linux"):
        how, command = "QEMU", ["qemu-aarch64-static", program]
    else:
        how, command = "Wine", [WINE, f"{program}.exe"]
    option, expected = ("--help", project.row["help"]) if "help" in project.row else ("--version", project.row["version"])
    environment = {**os.environ, "WINEDEBUG": "-all", "WINEPREFIX": str(project.state.parent / "wine"), "LC_ALL": "C.UTF-8"}
    try:
        said = subprocess.run([*map(str, command), option], env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    except (subprocess.TimeoutExpired, OSError) as error:
        raise Failed(f"{option}: {shortened(str(error))}") from error
    if expected not in said.stdout.decode(errors="replace"):
        text = (said.stdout + said.stderr).decode(errors="replace").strip().splitlines()
        raise Failed(f"{option} ({how}) ended with {said.returncode}: {shortened(text[-1] if text else 'it said nothing')}")
    project.write(triple, ran=how if option == "--version" else f"{how}, {option}")


def release(project, sealift, triples):
    """Packages what was compiled. What the gates or lintian refuse of one platform does not count against the others."""
    name = triples[0] if len(triples) == 1 else "all"
    try:
        initialize(project, sealift, triples, f"init-{name}")
        released, _ = project.run(f"release-{name}", "./nixw", "build", "--print-build-logs", "--out-link", "result-release", ".#release")
        if not released:
            raise Failed(f"is not released: {reason(project.said(f'release-{name}'))}")
    except Failed as failed:
        if len(triples) == 1:
            return project.write(triples[0], reason=str(failed), formats=None)
        for triple in triples:
            release(project, sealift, [triple])
        return None
    directory = project.directory / "result-release"
    record = json.loads((directory / "release.json").read_text())
    for triple in triples:
        artifacts = [artifact for artifact in record["artifacts"] if artifact["target"] == triple]
        complaint = None
        for artifact in artifacts:
            if artifact["format"] == "deb":
                complaint = lintian(directory / "artifacts" / artifact["file"])
        project.write(
            triple,
            formats=sorted(artifact["format"] for artifact in artifacts),
            packed=sum(artifact["size"] for artifact in artifacts),
            together=len(triples),
            reason=complaint and f"lintian: {complaint}",
        )


def lintian(package):
    """lintian's first complaint. It ends its whole process group when it is done, so it gets one of its own."""
    command = ["lintian", *(["--allow-root"] if os.getuid() == 0 else []), "--fail-on", "error,warning", str(package)]
    judged = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, start_new_session=True)
    if judged.returncode == 0:
        return None
    lines = (judged.stdout + judged.stderr).strip().splitlines()
    return shortened(next((line for line in lines if line[:2] in ("E:", "W:")), lines[0] if lines else "it failed"))


def attempt(project, triple):
    """Compiles for a target and runs what that made."""
    project.write(triple, reason=None, ran=None, formats=None)
    try:
        build(project, triple)
        run_it(project, triple)
    except Failed as failed:
        project.write(triple, reason=str(failed))
    print(f"{project.name} {triple}: {project.record(triple).get('reason', 'compiled')}", flush=True)


def work(project, sealift):
    todo = [triple for triple in PLATFORMS if not project.passed(triple)]
    if not todo:
        return print(f"{project.name} (kept from an earlier run)", flush=True)
    try:
        prepare(project)
        initialize(project, sealift, list(PLATFORMS), "init")
    except Failed as failed:
        for triple in todo:
            project.write(triple, reason=str(failed))
        return print(f"FAIL {project.name}: {failed}", flush=True)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(functools.partial(attempt, project), todo))
    # A program that does not start is not packaged.
    whole = [triple for triple in todo if "reason" not in project.record(triple)]
    if whole:
        release(project, sealift, whole)
    for triple in PLATFORMS:
        print(f"{'ok' if project.passed(triple) else 'FAIL'} {project.name} {triple}: {project.record(triple)}", flush=True)
    for link in project.directory.glob("result*"):
        link.unlink()


def report(projects, known):
    """The table for people. What this machine has no record of is as the page has it, which another machine wrote."""
    rows = {}
    for project in projects:
        for triple, platform in PLATFORMS.items():
            start = f"| `{project.name}` | {platform} |"
            rows[start] = row(project, triple) or known.get(start) or f"{start} not tried | | | | | | |"
    done = {
        platform: sum(is_released(rows[f"| `{project.name}` | {platform} |"]) for project in projects)
        for platform in PLATFORMS.values()
    }
    goal = [f"| {platform} | {number} of {len(projects)} |" for platform, number in done.items()]
    chosen = [f"| `{project.name}` {project.row['version']} | {project.row['why']} |" for project in projects]
    return f"""\
# Programs that others wrote

`checks/nightly corpus` writes this page; nothing in it is written by hand. It takes well-known programs as crates.io has
them, runs `sealift init` with two options, `--target` and `--format all`, and builds the release. Nothing is edited.
It goes on where it was ended, so that rows can be of several commits of Sealift.

| program | chosen for |
|---|---|
{chr(10).join(chosen)}

| platform | released |
|---|---|
{chr(10).join(goal)}

*Released* means: it compiles, it says its version where it can be run (its help, if it has no `--version`), all formats of
the platform are written, every gate passes, and lintian has no complaint about the Debian package.

## Each program on each platform

*Size* is that of the programs, *packages* that of all artifacts of the platform. *Seconds* are of processor time, for
compiling the program and all that it depends on; there are none where an earlier run had compiled it.

| program | platform | compiled | ran | packages | size | seconds | commit | reason |
|---|---|---|---|---|---|---|---|---|
{chr(10).join(rows.values())}
"""


def known_rows(page):
    """The rows of an earlier page by their first two cells."""
    if not page.exists():
        return {}
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    rows = [line for line in lines if line.count("|") == COLUMNS + 1]
    return {"|".join(line.split("|")[:3]) + "|": line for line in rows}


def is_released(line):
    """Whether a row has packages and no reason why something failed."""
    cells = [cell.strip() for cell in line.split("|")[1:-1]]
    return len(cells) == COLUMNS and cells[4] != "" and cells[-1] == ""


def row(project, triple):
    """What is known of a platform; nothing if a run has never come to its end."""
    record = project.record(triple)
    if "formats" not in record and "reason" not in record:
        return None
    compiled = "yes" if "size" in record and not record.get("reason", "").startswith("does not compile") else "no"
    packages = f"{', '.join(record['formats'])}: {megabytes(record['packed'])}" if record.get("formats") else ""
    size = megabytes(record["size"]) if compiled == "yes" else ""
    cells = [compiled, record.get("ran", ""), packages, size, record.get("seconds", ""), record.get("sealift", ""), record.get("reason", "")]
    return f"| `{project.name}` | {PLATFORMS[triple]} | {' | '.join(map(str, cells))} |"


def megabytes(size):
    return f"{size / 1e6:.1f} MB"


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sealift, state, page = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    table = tomllib.loads((HERE / "programs.toml").read_text())["program"]
    wanted = sys.argv[4:] or [row["name"] for row in table]
    unknown = set(wanted) - {row["name"] for row in table}
    if unknown:
        print(f"corpus.py: programs.toml has no `{'`, `'.join(sorted(unknown))}`", file=sys.stderr)
        return 2
    projects = [Project(row, state) for row in table]
    chosen = [project for project in projects if project.name in wanted]
    for project in chosen:
        work(project, sealift)
        page.write_text(report(projects, known_rows(page)))
    return 0 if all(project.passed(triple) for project in chosen for triple in PLATFORMS) else 1


if __name__ == "__main__":
    sys.exit(main())
