"""Makes a tree of files whose names, sizes and nesting depend on a number alone.

    python3 layout.py SEED DIRECTORY

Names are of many alphabets, and none of them is another one in other capitals, since macOS takes those for the same.
"""

import os
import random
import sys
import unicodedata

ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyz0123456789-_. ",
    "äöüéèêñçøåœßđłþð",
    "αβγδεζηθικλμνξοπρστυφχψως",
    "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ",
    "אבגדהוזחטיכלמנסעפצקרשת",
    "日本語漢字仮名交じり文がぎぐげござ",
    "한국어파일이름",
    "ảấầẩẫậđẻẽẹếềểễệỉĩịọốồổỗộ",
    "🦀🚀📦",
]
SIZES = [0, 0, 0, 1, 100, 4095, 4096, 4097, 8192, 262143, 262144, 262145, 600000]


def main():
    seed, root = int(sys.argv[1]), sys.argv[2]
    numbers = random.Random(seed)
    # Every third has so many files that its catalog has three levels.
    count = 3000 if seed % 3 == 0 else numbers.randrange(1, 200)
    directories, taken = [""], set()

    # Linux, where the volume is unpacked, holds 255 bytes of the name with its marks apart.
    def name():
        while True:
            alphabet = numbers.choice(ALPHABETS)
            length = 80 if numbers.random() < 0.02 else numbers.randrange(1, 30)
            text = "".join(numbers.choice(alphabet) for _ in range(length))
            text = f"{text}{numbers.randrange(10**6)}".strip(". ")
            folded = unicodedata.normalize("NFD", text.upper().lower())
            if folded not in taken and len(folded.encode()) <= 255:
                taken.add(folded)
                # Capitals decide the order, too.
                return "".join(c.upper() if len(c.upper()) == 1 and numbers.random() < 0.3 else c for c in text)

    for n in range(count):
        parent = numbers.choice(directories[-20:])
        path = os.path.join(parent, name())
        if parent.count("/") < 12 and numbers.random() < 0.15:
            directories.append(path)
            path = os.path.join(path, name())
        os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
        size = numbers.choice(SIZES) if count < 1000 or n % 100 == 0 else n % 3
        content = numbers.randbytes(size) if numbers.random() < 0.5 else bytes(size)
        with open(os.path.join(root, path), "wb") as file:
            file.write(content)


main()
