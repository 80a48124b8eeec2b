"""Prints as JSON what a .DS_Store says of a volume's window, as PyPI's ds_store and mac_alias read it.

    python3 window.py .DS_STORE

Ends with 1 if the allocator's blocks and its free space are not exactly the file's.
"""

import json
import plistlib
import struct
import sys

import ds_store
import mac_alias


def check_blocks(data):
    """Every byte of the allocator's two gigabytes is in one block or free once."""
    start, size = struct.unpack_from(">2I", data, 8)
    root = data[4 + start:4 + start + size]
    count = struct.unpack_from(">I", root)[0]
    spans = [(0, 32)]
    for place in struct.unpack_from(f">{count}I", root, 8):
        spans.append((place & ~31, 1 << (place & 31)))
    at = 8 + 4 * ((count + 255) // 256 * 256)
    names = struct.unpack_from(">I", root, at)[0]
    at += 4
    for _ in range(names):
        at += 5 + root[at]
    for power in range(32):
        free = struct.unpack_from(">I", root, at)[0]
        places = struct.unpack_from(f">{free}I", root, at + 4)
        spans += [(place, 1 << power) for place in places]
        at += 4 + 4 * free
    end = 0
    for place, length in sorted(spans):
        if place != end or (place and place % length):
            sys.exit(f"a block of {length} bytes at {place}; expected one at {end}")
        end = place + length
    if end != 1 << 31:
        sys.exit(f"blocks up to {end}")


def main():
    check_blocks(open(sys.argv[1], "rb").read())
    found = {}
    with ds_store.DSStore.open(sys.argv[1]) as store:
        for entry in store:
            found[entry.filename, entry.code.decode()] = entry.value
    def properties(value):
        return value if isinstance(value, dict) else plistlib.loads(bytes(value))
    window, icons = properties(found[".", "bwsp"]), properties(found[".", "icvp"])
    alias = mac_alias.Alias.from_bytes(icons["backgroundImageAlias"])
    print(json.dumps({
        "bounds": window["WindowBounds"],
        "view": found[".", "icvl"].decode(),
        "type": icons["backgroundType"],
        "icon": icons["iconSize"],
        "places": {name: list(value[:2]) for (name, code), value in found.items() if code == "Iloc"},
        "volume": alias.volume.name,
        "date": alias.volume.creation_date.isoformat(),
        "picture": alias.target.filename,
        "path": alias.target.posix_path,
        "folder": alias.target.folder_cnid,
        "number": alias.target.cnid,
    }, default=lambda value: value.decode()))


main()
