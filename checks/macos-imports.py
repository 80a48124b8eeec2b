"""Compares what programs for macOS bind that Apple's linker made with Sealift's lists of what macOS exports.

    macos-imports.py LISTS IMPLIED PACKAGES WORK

LISTS is src/frameworks/lists; IMPLIED has lines `FRAMEWORK LIBRARY...`, as `frameworks implied` prints them; PACKAGES has
lines `pip NAME==VERSION` and `npm NAME@VERSION`, which are fetched into WORK. LIEF reads the programs.

A pair of symbol and library agrees if the list of that library has the symbol, or that of a library which it brings along.
Symbols move: a linker binds them to where the program's minimum macOS version has them, so only programs for 11.0 or an
older version count, as ours are. What the others bind elsewhere is printed, too.
Exit status: 0 all agree, 1 some do not or there were fewer than 50 programs.
"""

import io
import pathlib
import subprocess
import sys
import tarfile
import zipfile

import lief

MAGIC = (b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
OURS = [11, 0]
# `TOOL_LD`: the program was linked by Apple's linker, not by LLD or zig.
TOOL_LD = 3
PLATFORMS = [f"macosx_{v}_{m}" for v in ("11_0", "12_0", "13_0", "14_0") for m in ("arm64", "universal2")] + [
    f"macosx_10_{v}_universal2" for v in (9, 10, 12, 13, 15)
]


def symbols_of(entry):
    if not entry.startswith("@"):
        return ["_" + entry]
    return [f"_OBJC_{kind}_$_{entry[1:]}" for kind in ("CLASS", "METACLASS", "EHTYPE")]


def read_lists(directory, implied):
    """owner: symbol -> install name; brings: install name -> the install names that it brings along."""
    owner, paths = {}, {}
    for file in sorted(pathlib.Path(directory).glob("*.txt")):
        lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
        paths[file.stem] = lines[0]
        for line in lines[1:]:
            owner.update(dict.fromkeys(symbols_of(line.split(" ")[0]), lines[0]))
    brings = {}
    for line in pathlib.Path(implied).read_text().splitlines():
        words = [paths.get(word) for word in line.split()]
        brings[words[0]] = set(words[1:])
    return owner, brings, set(paths.values())


def fetch(line, work):
    kind, package = line.split()
    directory = work / package.replace("/", "_")
    if not directory.is_dir():
        new = directory.with_suffix(".new")
        subprocess.run(["rm", "-rf", new], check=True)
        new.mkdir(parents=True)
        if kind == "pip":
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
            command += ["--python-version", "3.12", "--dest", new, package]
            command += [word for platform in PLATFORMS for word in ("--platform", platform)]
        else:
            command = ["npm", "pack", "--silent", "--pack-destination", new, package]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        new.rename(directory)
    return next(directory.iterdir())


def programs(archive):
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as whole:
            for name in whole.namelist():
                yield name, whole.read(name)
    else:
        with tarfile.open(archive) as whole:
            for member in whole:
                if member.isfile():
                    yield member.name, whole.extractfile(member).read()


def pairs(content):
    """Of each part that Apple's linker made: whether it is for a macOS as old as ours, and the pairs of symbol and library."""
    # Java's classes begin like universal programs, with a larger number behind it.
    if content[:4] not in MAGIC or (content[:4] == MAGIC[1] and content[4:6] != b"\0\0"):
        return
    # The parts do not outlive the whole.
    whole = lief.MachO.parse(io.BytesIO(content))
    for part in whole or []:
        tools = [tool.tool.value for tool in part.build_version.tools] if part.has_build_version else []
        if TOOL_LD not in tools:
            continue
        found = {(b.symbol.name, b.library.name) for b in part.bindings if b.has_symbol and b.has_library}
        yield list(part.build_version.minos[:2]) <= OURS, found


def main():
    lists, implied, packages, work = sys.argv[1:]
    lief.logging.disable()
    owner, brings, known = read_lists(lists, implied)
    lines = [line for line in pathlib.Path(packages).read_text().splitlines() if line and not line.startswith("#")]
    parts = {True: 0, False: 0}
    agreeing, disagreeing, unlisted = set(), {True: set(), False: set()}, set()
    for line in lines:
        for _name, content in programs(fetch(line, pathlib.Path(work))):
            for is_ours, found in pairs(content):
                of_lists = {(symbol, library) for symbol, library in found if library in known}
                parts[is_ours] += bool(of_lists)
                for symbol, library in of_lists:
                    if symbol not in owner:
                        unlisted.add((symbol, library))
                    elif owner[symbol] == library or owner[symbol] in brings.get(library, ()):
                        agreeing.add((symbol, library))
                    else:
                        disagreeing[is_ours].add(f"{symbol} of {library}; the lists have it in {owner[symbol]}")
    print(f"packages: {len(lines)}; programs for one processor: {parts[True]} for macOS 11 or older, {parts[False]} for a newer one")
    of_swift = sum(symbol.startswith("_$s") for symbol, _ in unlisted)
    print(f"different pairs: {len(agreeing)} agree; {len(unlisted)} are in no list, {of_swift} of them of Swift")
    print(f"disagreeing: {len(disagreeing[True])} of programs for macOS 11 or older, {len(disagreeing[False])} of others")
    for is_ours, texts in disagreeing.items():
        for text in sorted(texts):
            print("" if is_ours else "(newer) ", text, sep="")
    return 1 if disagreeing[True] or parts[True] < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
