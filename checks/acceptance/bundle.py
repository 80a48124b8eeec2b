"""Judges an application bundle as macOS does: its description, its seal and its signatures.

    python3 bundle.py NAME.app

Written from Apple's descriptions alone (Technical Note TN2206, xnu's cs_blobs.h), and not from what Sealift writes: the
rules in CodeResources are applied as they are there, and every hash is computed again. Prints what was judged as JSON;
ends with 1 and a message where something is wrong.
"""

import hashlib
import json
import os
import plistlib
import re
import struct
import sys

SUPER_BLOB, DIRECTORY, REQUIREMENTS, WRAPPER = 0xFADE0CC0, 0xFADE0C02, 0xFADE0C01, 0xFADE0B01
INFO_SLOT, REQUIREMENTS_SLOT, RESOURCES_SLOT = 1, 2, 3


def fail(what):
    sys.exit(f"bundle: {what}")


def check(fact, what):
    if not fact:
        fail(what)


def slices(program):
    """The program of each machine."""
    magic, count = struct.unpack_from(">II", program)
    if magic != 0xCAFEBABE:
        return [program]
    arches = [struct.unpack_from(">IIIII", program, 8 + 20 * n) for n in range(count)]
    return [program[offset : offset + size] for _, _, offset, size, _ in arches]


def signature(program):
    """Code and signature of a program for one machine."""
    check(struct.unpack_from("<I", program)[0] == 0xFEEDFACF, "no 64-bit Mach-O program")
    count = struct.unpack_from("<I", program, 16)[0]
    at, found = 32, []
    for _ in range(count):
        command, size = struct.unpack_from("<II", program, at)
        if command == 0x1D:
            found.append(struct.unpack_from("<II", program, at + 8))
        at += size
    check(len(found) == 1, f"{len(found)} signatures")
    offset, size = found[0]
    check(offset + size == len(program), "the signature is not the end of the program")
    return program[:offset], program[offset:]


def blobs(signed):
    magic, length, count = struct.unpack_from(">III", signed)
    check(magic == SUPER_BLOB and length <= len(signed), "no signature")
    parts = {}
    for n in range(count):
        slot, offset = struct.unpack_from(">II", signed, 12 + 8 * n)
        size = struct.unpack_from(">I", signed, offset + 4)[0]
        check(slot not in parts and offset + size <= length, "a part of the signature is twice or beyond its end")
        parts[slot] = signed[offset : offset + size]
    return parts


def judge_program(program, special):
    """Checks a program for one machine; `special` has what the hashes before the pages have to be of. Returns its name and
    the hash by which macOS knows it."""
    code, signed = signature(program)
    parts = blobs(signed)
    directory = parts[0]
    magic, _, version, flags, hashes, name, special_count, count, limit = struct.unpack_from(">9I", directory)
    size, kind, _, shift = struct.unpack_from("4B", directory, 36)
    check(magic == DIRECTORY and version >= 0x20400, "no code directory with a segment")
    check((size, kind) == (32, 2), "no SHA-256")
    check(limit == len(code), "not all code is signed")
    check(flags & 2, "not signed ad hoc")
    page = 1 << shift
    check(count == -(-len(code) // page), "another number of pages")

    def at(slot):
        place = hashes + 32 * slot
        return directory[place : place + 32]

    for n in range(count):
        check(at(n) == hashlib.sha256(code[n * page : (n + 1) * page]).digest(), f"page {n} has another hash")
    wanted = dict(special)
    if special:
        check(not flags & 0x20000, "signed by a linker, which knows no bundle")
        check(parts.get(2, b"")[:4] == struct.pack(">I", REQUIREMENTS), "no requirements")
        check(parts.get(0x10000) == struct.pack(">II", WRAPPER, 8), "no empty certificate")
        wanted[REQUIREMENTS_SLOT] = parts[2]
    for slot in range(1, special_count + 1):
        expected = hashlib.sha256(wanted.pop(slot)).digest() if slot in wanted else bytes(32)
        check(at(-slot) == expected, f"the special slot {slot} has another hash")
    check(not wanted, f"the slots {sorted(wanted)} are not signed")
    text = directory[name : directory.index(0, name)].decode()
    return text, hashlib.sha256(directory).digest()[:20]


def rule_for(path, rules):
    """The rule of the highest weight that matches."""
    best, weight = None, -1
    for pattern, rule in rules.items():
        rule = rule if isinstance(rule, dict) else {"omit": rule is False}
        if rule.get("weight", 1) > weight and re.match(pattern, path):
            best, weight = rule, rule.get("weight", 1)
    return best


def found_files(contents):
    for directory, folders, files in os.walk(contents):
        links = [name for name in folders if os.path.islink(os.path.join(directory, name))]
        for name in files + links:
            path = os.path.join(directory, name)
            yield os.path.relpath(path, contents), path


def judge_seal(contents, seal, main):
    sealed, rules = dict(seal["files2"]), seal["rules2"]
    judged = 0
    for path, place in sorted(found_files(contents)):
        if path == main or path.startswith("_CodeSignature/"):
            continue
        rule = rule_for(path, rules)
        if rule is None or rule.get("omit"):
            check(path not in sealed, f"{path} is sealed, against the rules")
            continue
        check(path in sealed, f"{path} is not sealed")
        value = sealed.pop(path)
        judged += 1
        if os.path.islink(place):
            check(value.get("symlink") == os.readlink(place), f"{path} leads elsewhere")
            inside = os.path.normpath(os.path.join(os.path.dirname(path), value["symlink"]))
            check(not inside.startswith(".."), f"{path} leads out of the bundle")
        elif rule.get("nested"):
            hashes = []
            for one in slices(open(place, "rb").read()):
                hashes.append(judge_program(one, {})[1])
            check(value["cdhash"] == hashes[0], f"{path} has another hash of its code")
            wanted = " or ".join(f'cdhash H"{one.hex()}"' for one in hashes)
            check(value["requirement"] == wanted, f"{path} does not meet `{value['requirement']}`")
        else:
            content = open(place, "rb").read()
            check(value["hash2"] == hashlib.sha256(content).digest(), f"{path} has another hash")
            check(bool(value.get("optional")) == bool(rule.get("optional")), f"{path}: optional or not")
    missing = [path for path, value in sealed.items() if not value.get("optional")]
    check(not missing, f"{missing} are sealed and not there")
    return judged


def judge_icon(icon):
    check(icon[:4] == b"icns" and struct.unpack_from(">I", icon, 4)[0] == len(icon), "no icon")
    sizes = {b"icp4": 16, b"icp5": 32, b"ic11": 32, b"ic12": 64, b"ic07": 128, b"ic08": 256, b"ic13": 256}
    sizes |= {b"ic09": 512, b"ic14": 512, b"ic10": 1024}
    at, found = 8, []
    while at < len(icon):
        name, size = icon[at : at + 4], struct.unpack_from(">I", icon, at + 4)[0]
        picture = icon[at + 8 : at + size]
        check(picture[:8] == b"\x89PNG\r\n\x1a\n", f"{name} is no PNG")
        check(struct.unpack_from(">II", picture, 16) == (sizes[name],) * 2, f"{name} has another size")
        found.append(name.decode())
        at += size
    check(at == len(icon) and found, "the icon ends inside a picture")
    return found


def main():
    bundle = sys.argv[1]
    contents = os.path.join(bundle, "Contents")

    def read(path):
        with open(os.path.join(contents, path), "rb") as file:
            return file.read()

    info_bytes, seal_bytes = read("Info.plist"), read("_CodeSignature/CodeResources")
    info, seal = plistlib.loads(info_bytes), plistlib.loads(seal_bytes)
    for key in ["CFBundleExecutable", "CFBundleIdentifier", "CFBundleName", "CFBundleVersion"]:
        check(info.get(key), f"no {key}")
    check(info["CFBundlePackageType"] == "APPL", "no application")
    check(re.fullmatch(r"\d+(\.\d+){0,2}", info["CFBundleVersion"]), "a version that is not numbers")
    program = "MacOS/" + info["CFBundleExecutable"]
    check(os.access(os.path.join(contents, program), os.X_OK), "the program is not executable")
    machines = slices(read(program))
    for one in machines:
        name, _ = judge_program(one, {INFO_SLOT: info_bytes, RESOURCES_SLOT: seal_bytes})
        check(name == info["CFBundleIdentifier"], f"signed as {name}")
    sealed = judge_seal(contents, seal, program)
    icon = None
    if "CFBundleIconFile" in info:
        icon = judge_icon(read("Resources/" + info["CFBundleIconFile"]))
    said = {"identifier": info["CFBundleIdentifier"], "machines": len(machines), "sealed": sealed, "icon": icon}
    print(json.dumps(said))


main()
