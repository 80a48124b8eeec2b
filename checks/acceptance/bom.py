"""Reads the bill of materials of an installer package for macOS, and compares it with the files of the package.

    python3 bom.py BOM [DIRECTORY SUMS]

The directory is what cpio made of the payload, as root, and SUMS is the output of cksum for all files below it, each with
its path from there. Every path, mode, owner, size and sum, and each target of a link is compared, and so is what the file
says of its own layout, which is all that is read without a directory. Prints the list as `lsbom` does; ends with 1 and each difference.
"""

import os
import stat
import struct
import sys

wrong = []


def expect(what, found, expected):
    if found != expected:
        wrong.append(f"{what}: {found!r}, expected {expected!r}")


class Store:
    """Blocks by their numbers, and the numbers that have names."""

    def __init__(self, data):
        self.data = data
        magic, version, count, index, index_length, names, names_length = struct.unpack_from(">8s6I", data)
        expect("magic", magic, b"BOMStore")
        expect("version", version, 1)
        entries = struct.unpack_from(">I", data, index)[0]
        self.blocks = [struct.unpack_from(">2I", data, index + 4 + 8 * n) for n in range(entries)]
        expect("block 0", self.blocks[0], (0, 0))
        expect("number of blocks", count, sum(block != (0, 0) for block in self.blocks))
        free = struct.unpack_from(">I", data, index + 4 + 8 * entries)[0]
        expect("free blocks", free, 0)
        expect("end of the index", index + index_length, len(data))
        self.names, place = {}, names + 4
        for _ in range(struct.unpack_from(">I", data, names)[0]):
            number, length = struct.unpack_from(">IB", data, place)
            self.names[data[place + 5:place + 5 + length].decode()] = number
            place += 5 + length
        expect("end of the names", place, names + names_length)
        # Blocks follow each other and cover everything between header and names.
        place = 512
        for start, length in sorted(self.blocks[1:]):
            expect("start of a block", start, place)
            place = start + length
        expect("end of the blocks", place, names)

    def __getitem__(self, number):
        start, length = self.blocks[number]
        return self.data[start:start + length]

    def tree(self, number, node_size):
        """Keys and values of a tree, from its leaves."""
        magic, version, root, size, count, zero = struct.unpack(">4s4IB", self[number])
        expect("tree", (magic, version, size, zero), (b"tree", 1, node_size, 0))
        entries, before, leaf = [], 0, root
        # Down the left side, and then along the leaves; the levels above have to name the same ones.
        while not struct.unpack_from(">H", self[leaf])[0]:
            leaf = struct.unpack_from(">I", self[leaf], 12)[0]
        leaves = []
        while leaf:
            leaves.append(leaf)
            is_leaf, length, after, back = struct.unpack_from(">2H2I", self[leaf])
            expect("leaf", (is_leaf, back), (1, before))
            entries += [struct.unpack_from(">2I", self[leaf], 12 + 8 * n) for n in range(length)]
            expect("length of a node", len(self[leaf]), 12 + 8 * length)
            before, leaf = leaf, after
        expect("number of entries", len(entries), count)
        expect("leaves", list(self.below(root)), leaves)
        return entries

    def below(self, node):
        is_leaf, length = struct.unpack_from(">2H", self[node])
        if is_leaf:
            yield node
            return
        for n in range(length):
            child, key = struct.unpack_from(">2I", self[node], 12 + 8 * n)
            yield from self.below(child)
            last = struct.unpack_from(">H", self[child], 2)[0] - 1
            expect("key of a node", key, struct.unpack_from(">I", self[child], 16 + 8 * last)[0])


def cksum(data):
    """POSIX.1-2017, bit by bit."""
    length, tail = len(data), b""
    while length:
        tail += bytes([length & 255])
        length >>= 8
    sum = 0
    for byte in data + tail:
        sum ^= byte << 24
        for _ in range(8):
            sum = (sum << 1 ^ 0x04C11DB7 if sum & 0x80000000 else sum << 1) & 0xFFFFFFFF
    return sum ^ 0xFFFFFFFF


def listed(store):
    """What the tree of paths says of each path."""
    found, paths, last = {}, {0: None}, (0, b"")
    for number, name in store.tree(store.names["Paths"], 4096):
        id, description = struct.unpack(">2I", store[number])
        parent, text = struct.unpack_from(">I", store[name])[0], store[name][4:]
        expect("end of a name", (text[-1:], text.count(b"\0")), (b"\0", 1))
        # Programs that look for a path rely on the order.
        if (parent, text) <= last:
            wrong.append(f"{text!r} is not behind {last!r}")
        last = (parent, text)
        text = text[:-1].decode()
        paths[id] = text if paths[parent] is None else f"{paths[parent]}/{text}"
        expect("number of a path", id, len(found) + 1)
        bytes = store[description]
        kind, one, what, mode, uid, gid, date, size, other = struct.unpack_from(">2B2H4IB", bytes)
        expect(paths[id], (one, what, other), (1, 15, 1))
        sum = struct.unpack_from(">I", bytes, 23)[0]
        target = None
        if kind == 3:
            length = struct.unpack_from(">I", bytes, 27)[0]
            target = bytes[31:31 + length - 1].decode()
            expect(paths[id], bytes[31 + length - 1:], b"\0" * 9)
        found[paths[id]] = (kind, mode, uid, gid, date, size, sum, target)
    return found


def main():
    bom, *compared = sys.argv[1:]
    store = Store(open(bom, "rb").read())
    expect("names", sorted(store.names), ["BomInfo", "HLIndex", "Paths", "Size64", "VIndex"])
    expect("hard links", store.tree(store.names["HLIndex"], 4096), [])
    expect("large sizes", store.tree(store.names["Size64"], 4096), [])
    version, index, zero, empty = struct.unpack(">3IB", store[store.names["VIndex"]])
    expect("patterns", (version, zero, empty, store.tree(index, 128)), (1, 0, 0, []))
    found = listed(store)
    if compared:
        compare(store, found, *compared)
    if wrong:
        sys.exit("\n".join(wrong[:20]))
    for path, (kind, mode, uid, gid, _, size, sum, target) in sorted(found.items()):
        fields = [path, f"{mode:o}", f"{uid}/{gid}"]
        if kind != 2:
            fields += [str(size), str(sum)]
        print("\t".join(fields + ([target] if kind == 3 else [])))


def compare(store, found, directory, sums):
    computed = {}
    for line in open(sums, encoding="utf-8"):
        sum, size, path = line.rstrip("\n").split(" ", 2)
        computed[path] = (int(size), int(sum))
    total, expected = 0, {}
    for parent, directories, files in os.walk(directory):
        inside = os.path.relpath(parent, directory)
        names = [] if inside == "." else [inside]
        for path in ([""] if inside == "." else []) + [os.path.join(*names, name) for name in directories + files]:
            status = os.lstat(os.path.join(directory, path))
            listed_as = f"./{path}" if path else "."
            target = None
            if stat.S_ISDIR(status.st_mode):
                kind, size, sum = 2, 0, 0
            elif stat.S_ISLNK(status.st_mode):
                target = os.readlink(os.path.join(directory, path))
                kind, size, sum = 3, len(target.encode()), cksum(target.encode())
            else:
                kind, (size, sum) = 1, computed[listed_as]
            expected[listed_as] = (kind, status.st_mode, status.st_uid, status.st_gid, size, sum, target)
            total += size
    dates = set()
    for path in sorted(found.keys() | expected.keys()):
        has = found.get(path)
        if has:
            dates.add(has[4])
        expect(path, has and has[:4] + has[5:], expected.get(path))
    expect("number of dates", len(dates), 1)
    info = struct.unpack(">7I", store[store.names["BomInfo"]])
    expect("BomInfo", info, (1, len(found) + 1, 1, 0, 0, total % 2**32, 0))


main()
