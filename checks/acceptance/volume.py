"""Compares a volume with the record of its image.

    python3 volume.py RECORD LISTING DIRECTORY

The listing is that of `7z l -slt`, and the directory is what `7z x` made of the volume. Kinds, modes, sizes, sums and the
targets of links are compared; ends with 1 and each difference.
"""

import hashlib
import json
import os
import sys


def listed(path):
    """Kind and mode by path, without the volume's name."""
    found, name = {}, None
    for line in open(path, encoding="utf-8"):
        key, separator, value = line.rstrip("\n").partition(" = ")
        if separator and key == "Path":
            name = value.partition("/")[2]
        elif separator and key == "Mode" and name:
            found[name] = value
    return found


def main():
    record, listing, directory = sys.argv[1:]
    seen, wrong = listed(listing), []
    contents = json.load(open(record))["contents"]
    for entry in contents:
        path, content = entry["path"], entry["content"]
        mode = seen.pop(path, None)
        place = os.path.join(directory, path)
        kind = "d" if content == "directory" else "l" if "symlink" in content else "-"
        letters = "".join(c if entry["mode"] >> (8 - n) & 1 else "-" for n, c in enumerate("rwxrwxrwx"))
        if mode != kind + letters:
            wrong.append(f"{path}: {mode}, expected {kind + letters}")
        elif kind == "l":
            target = content["symlink"]
            # 7z changes links that lead out of the volume.
            if not target.startswith("/") and os.readlink(place) != target:
                wrong.append(f"{path}: leads to {os.readlink(place)}, expected {target}")
        elif kind == "-":
            with open(place, "rb") as file:
                data = file.read()
            expected = (content["file"]["size"], content["file"]["sha256"])
            if (len(data), hashlib.sha256(data).hexdigest()) != expected:
                wrong.append(f"{path}: another content")
    wrong += [f"{path}: not recorded" for path in seen]
    if wrong or not contents:
        sys.exit("\n".join(wrong[:20]) or "nothing is recorded")


main()
