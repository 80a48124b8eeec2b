"""What Nix says, in the words of this project: pure functions from lines to lines."""

import re

STORE_NAME = r"/nix/store/[0-9a-z]{32}-([0-9A-Za-z+._?=-]+)"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Of the overrides that `nixw` passes, and of a lock that it never lets Nix write.
NOISE = re.compile(
    r"warning: (the flag '--override-input .*' does not match any input"
    r"|input '.*' has an override for a non-existent input '.*'"
    r"|(not writing modified|creating|updating) lock file .*"
    r"|unknown flake output '(lib|bundlers|flakeModules)')"
    r"|• (Added|Updated|Removed) input '.*"
    r"|path '.*' does not contain a 'flake.nix', searching up"
)
OF_A_LOCK = re.compile(r"    ('.*'|follows '.*').*|  → '.*")
# What nix/table/host.nix has.
BUILD_SYSTEMS = ("aarch64-darwin", "aarch64-linux", "x86_64-darwin", "x86_64-linux")
LOCATION = re.compile(r"(?:… )?at (?:/nix/store/[0-9a-z]{32}-source/|«[^»]*»/?)?(\S+?):(\d+)(?::\d+)?:?$")
# What build scripts say where they miss a tool that a manifest can ask for.
MISSING_TOOLS = [
    (r"Could not find `protoc`|failed to invoke protoc|`protoc` (failed|not found)|protoc.*No such file", ["protobuf"]),
    (r"is `cmake` not installed|Missing dependency: cmake|\"?cmake\"?: (command )?not found", ["cmake"]),
    (r"Unable to find libclang|couldn't find any valid shared libraries matching: \['libclang", ["libclang"]),
    (r"Command 'perl' not found|\bperl\b.*(No such file|not found)", ["make", "perl"]),
    (r"Command 'make' not found|\bmake: (command )?not found|\"make\".*No such file", ["make"]),
    (r"\bnasm\b.*(No such file|not found|installed)", ["nasm"]),
]
FULL_LOG = re.compile(r"For full logs, run:?( 'nix log (\S+)'\.?)?$|nix log (/nix/store/\S+)$")


def plain(line: str) -> str:
    """A line as a log should have it: what a carriage return has overwritten and what steers a terminal is gone."""
    return ESCAPES.sub("", line.rstrip("\r\n").rsplit("\r", 1)[-1])


def is_noise(line: str, after_noise: bool) -> bool:
    """Whether a line is of no use to anybody; some only are where they follow another one."""
    return bool(NOISE.fullmatch(line)) or (after_noise and bool(OF_A_LOCK.fullmatch(line)))


def named(line: str) -> str:
    """Store paths as the names that people know things by; a file of the project by its path in there."""
    line = re.sub(r" in `/nix/store/[0-9a-z]{32}-source`|/nix/store/[0-9a-z]{32}-source/", "", line)
    return re.sub(f"{STORE_NAME}", lambda path: path[1].removesuffix(".drv"), line)


def building(line: str) -> str | None:
    """The name of what Nix begins to build."""
    found = re.fullmatch(rf"building '{STORE_NAME}\.drv'( on '.*')?\.\.\.", line)
    return found[1] if found else None


def to_build(line: str) -> int | None:
    """How many derivations Nix is about to list, each in an indented line."""
    found = re.fullmatch(r"(?:these (\d+) derivations|this derivation) will be built:", line)
    return int(found[1] or 1) if found else None


def failed_derivation(block: list[str]) -> str | None:
    """The derivation whose log `nix log` has."""
    for line in block:
        found = FULL_LOG.match(line.strip())
        if found and (found[2] or found[3]):
            return found[2] or found[3]
    return None


def translated(block: list[str], manifest: str) -> list[str]:
    """What stands in for an error of Nix, which begins with `error:` and goes on in lines that are indented or empty."""
    lines = innermost(block)
    message, places = without_places(lines)
    if not message:
        return []
    first = message[0]
    if re.match(r"\d+ dependenc(y|ies) of derivation", first) or re.match(r"(Cannot build|build of) '.*'( failed|\.)", first) and "failed" not in first:
        return []
    for meaning in (missing_flake, missing_key, not_toml, missing_output, failed_build):
        said = meaning(message, places, manifest)
        if said:
            return said
    own = [f"{file}:{line}" for file, line in places if file == "flake.nix"]
    head = f"error: {own[0]}: {first}" if own else f"error: {first}"
    return [named(line) for line in [head, *message[1:]]]


def innermost(block: list[str]) -> list[str]:
    """Newer versions of Nix put the error itself after the steps that led there."""
    begins = [number for number, line in enumerate(block) if re.match(r"\s*error: \S", line)]
    start = begins[-1] if begins else 0
    first = re.sub(r"^\s*error:\s?", "", block[start])
    return [first, *(re.sub(r"^ {1,7}", "", line) for line in block[start + 1 :])]


def without_places(lines: list[str]) -> tuple[list[str], list[tuple[str, int]]]:
    """The message, and where in which file Nix met it; the excerpts of files are dropped."""
    message, places, in_excerpt = [], [], False
    for line in lines:
        text = line.strip()
        place = LOCATION.match(text)
        if place:
            places.append((place[1], int(place[2])))
            in_excerpt = True
        elif text.startswith(("(use '--show-trace'", "… ", "(stack trace truncated")):
            in_excerpt = True
        elif in_excerpt and (not text or re.match(r"\d*\|", text)):
            continue
        elif text or message:
            in_excerpt = False
            message.append(line)
    while message and not message[-1].strip():
        message.pop()
    return message, places


def missing_flake(message: list[str], _places: list, _manifest: str) -> list[str] | None:
    if not re.match(r"getting status of '.*/flake\.nix'|source tree referenced by '.*' does not contain a '/?flake\.nix'|path '.*/flake\.nix' does not exist", message[0]):
        return None
    return ["error: git does not know `flake.nix`, and Nix sees only what git knows", "hint: git add --intent-to-add flake.nix"]


def missing_key(message: list[str], places: list, manifest: str) -> list[str] | None:
    found = re.match(r"attribute '([^']+)' missing", message[0])
    if not found or not any(file.endswith(("project.nix", "release.nix")) for file, _ in places):
        return None
    similar = next((match[1] for line in message if (match := re.search(r"Did you mean (?:one of )?(.+?)\?", line))), "")
    hint = f"it has `{similar}`: is that meant? " if similar else ""
    return [f"error: `{manifest}` does not give `{found[1]}`", f"hint: {hint}`sealift plan` says all that is wrong with a manifest"]


def not_toml(message: list[str], _places: list, manifest: str) -> list[str] | None:
    if not re.search(r"parsing (a )?TOML", message[0]):
        return None
    number = next((match[1] for line in message if (match := re.match(r"\s*(?:-->.*?:)?\s*(\d+) \|", line))), None)
    place = f"{manifest}:{number}" if number else manifest
    return [f"error: {place}: this is not TOML", "hint: `sealift plan` shows the line and what was expected"]


def names_no_output(block: list[str]) -> bool:
    """Whether an error is that the flake does not have what was asked for."""
    return missing_output(without_places(innermost(block))[0] or [""], [], "") is not None


def names_unknown_option(block: list[str]) -> bool:
    """Whether an error is that a command of Nix does not have an option."""
    return bool(re.match(r"unrecogni[sz]ed flag", innermost(block)[0]))


def missing_output(message: list[str], _places: list, _manifest: str) -> list[str] | None:
    found = re.match(r"flake '.*' does not provide attribute .*'([^']+)'", message[0])
    if not found:
        return None
    asked = re.findall(r"'(?:packages|legacyPackages|defaultPackage|devShells?|checks|apps|defaultApp|formatter)\.([a-z0-9_]+-[a-z]+)[.']", message[0])
    system = next((system for system in asked if system not in BUILD_SYSTEMS), None)
    if system:
        return [f"error: nothing is built on the system `{system}`", f"hint: build on {', '.join(BUILD_SYSTEMS)}; programs for every other platform are compiled there, too"]
    similar = next((match[1] for line in message if (match := re.search(r"Did you mean (.+)\?", line))), None)
    hint = f"did you mean `{similar}`?" if similar else "`./nixw flake show` lists what there is"
    return [f"error: the flake has no output `{found[1]}`", f"hint: {hint}"]


def failed_build(message: list[str], _places: list, _manifest: str) -> list[str] | None:
    found = re.match(rf"(?:builder for|Cannot build) '{STORE_NAME}\.drv'(?: failed with exit code (\d+))?", message[0])
    if not found:
        return None
    reason = found[2] or next((match[1] for line in message if (match := re.search(r"failed with exit code (\d+)", line))), None)
    said = [line.strip()[1:].removeprefix(" ") for line in message if line.strip().startswith(">")]
    code = f" with exit code {reason}" if reason else ""
    head = f"error: building {found[1]} failed{code}" + (", the end of its log:" if said else "")
    return [head, *(f"    {plain(line)}" for line in said), *missing_tool(said), "hint: `./nixw log` shows all of its log"]


def missing_tool(said: list[str]) -> list[str]:
    """What a build script that lacks a tool has the manifest ask for; nothing where none is known to be missing."""
    for pattern, tools in MISSING_TOOLS:
        if any(re.search(pattern, line) for line in said):
            listed = ", ".join(f'"{tool}"' for tool in tools)
            return [f"hint: a build script lacks a tool; in the manifest: `[build] tools = [{listed}]`"]
    return []
