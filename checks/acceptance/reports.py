"""Writes reports with everything that a page draws: a release that is refused, one that passes, and older ones.

    python3 reports.py DIRECTORY

The same numbers each time. Texts in them try to become elements of the page.
"""

import json
import math
import pathlib
import random
import sys

HOSTILE = '</title></svg><script>document.title="taken"</script><img src="http://127.0.0.1:1/x" onerror="alert(1)">'


def noise(seed):
    return random.Random(seed)


def amounts():
    files = [
        ("hello_2.4.0-1_amd64.deb", 9.1e6), ("hello-2.4.0-1.x86_64.rpm", 8.7e6), ("hello-2.4.0-x86_64.AppImage", 12.9e6),
        ("hello-2.4.0-x86_64-unknown-linux-musl.tar.gz", 11.4e6), ("hello-2.4.0-x64-setup.exe", 26.2e6),
        ("hello-2.4.0-universal2-apple-darwin.dmg", 19.8e6),
    ]
    return {
        "title": "Sizes of downloads", "note": "What users fetch, compressed.",
        "kind": "amounts", "unit": "bytes",
        "amounts": [{"label": label, "value": value, "limit": 25e6} for label, value in files],
    }


def samples(title, count, middle, limit):
    source = noise(title)
    values = [middle * (1 + abs(source.gauss(0, 0.08)) + (0.3 if source.random() < 0.03 else 0)) for _ in range(count)]
    return {
        "title": title, "note": f"Time from the start of the program to its first output, {count} times.",
        "kind": "samples", "unit": "seconds", "samples": values, "limit": limit,
    }


def curves():
    source = noise("soak")
    day = range(0, 86400, 5)
    def memory(base, growth):
        return [(t, base + growth * (1 - math.exp(-t / 9000)) + 4e5 * math.sin(t / 3000) + source.gauss(0, 1.5e5)) for t in day]
    return {
        "title": "Memory over a day", "note": "Resident memory of each process, a sample each five seconds.",
        "kind": "curves",
        "x": {"label": "time since the start", "unit": "seconds"}, "y": {"label": "resident memory", "unit": "bytes"},
        "curves": [
            {"label": "hello serve", "points": memory(18e6, 6e6)},
            {"label": "hello worker", "points": memory(11e6, 9e6)},
            {"label": HOSTILE, "points": memory(6e6, 1e6)},
        ],
        "limit": 32e6,
    }


def treemap():
    source = noise("map")
    def part(label, value, names=()):
        shares = [source.random() ** 2 + 0.05 for _ in names]
        total = sum(shares) * 1.08
        parts = [{"label": name, "value": round(value * share / total)} for name, share in zip(names, shares)]
        return {"label": label, "value": round(value), "parts": sorted(parts, key=lambda each: -each["value"])}
    return {
        "title": "What is in the program", "note": "Code and data by crate, from the symbols of usr/bin/hello.",
        "kind": "treemap", "unit": "bytes",
        "parts": [
            part("std", 2.9e6, ["core::fmt", "alloc", "std::io", "std::sys", "backtrace", "core::num", "std::net"]),
            part("hello", 2.1e6, ["serve", "cli", "store", "render", "config"]),
            part("tokio", 1.4e6, ["runtime", "net", "time", "sync", "io", "task"]),
            part("rustls", 1.2e6, ["client", "server", "msgs", "crypto"]),
            part("clap_builder", 0.8e6, ["parser", "output", "builder"]),
            part("regex_automata", 0.7e6, ["dfa", "nfa", "meta"]),
            part("serde_json", 0.3e6), part("unicode_normalization", 0.25e6), part(HOSTILE, 0.2e6),
            *[part(f"crate_{number}", 9e4 / (number + 1)) for number in range(24)],
        ],
    }


def table():
    return {
        "title": "Protocol checks", "note": "", "kind": "table",
        "columns": ["check", "asked", "answered", "standard", "remark"],
        "rows": [
            [f"request {number}", str(100 * number), str(100 * number - number % 3), f"RFC 9110, section {number}.2", HOSTILE if number == 3 else "as expected, with all of the headers that it has to have"]
            for number in range(1, 12)
        ],
    }


def gate(name, summary, outcome, reason=None, findings=(), exhibits=()):
    return {
        "gate": name, "summary": summary, "outcome": outcome, "findings": list(findings), "reason": reason,
        "exhibits": [{"title": each["title"], "note": each["note"], "content": {k: v for k, v in each.items() if k not in ("title", "note")}} for each in exhibits],
    }


def finding(place, found, expected):
    return {"place": place, "found": found, "expected": expected}


def artifacts(version, growth):
    source = noise("artifacts")
    found = []
    for format, name, target, size in [
        ("appimage", f"hello-{version}-x86_64.AppImage", "x86_64-unknown-linux-musl", 12.9e6),
        ("archive", f"hello-{version}-x86_64-unknown-linux-musl.tar.gz", "x86_64-unknown-linux-musl", 11.4e6),
        ("deb", f"hello_{version}-1_amd64.deb", "x86_64-unknown-linux-musl", 9.1e6),
        ("dmg", f"hello-{version}-universal2-apple-darwin.dmg", "universal2-apple-darwin", 19.8e6),
        ("oci", f"hello-{version}.oci.tar", None, 22.4e6),
        ("setup", f"hello-{version}-x64-setup.exe", "x86_64-pc-windows-gnullvm", 26.2e6),
    ]:
        size = round(size * growth * (1 + 0.02 * source.random()))
        found.append({"file": name, "target": target, "format": format, "size": size, "sha256": f"{source.getrandbits(256):064x}"})
    return found


def report(version, date, outcome, gates, growth):
    return {
        "schema": 1, "name": "hello", "version": version, "commit": "4f2a9c1be07d35581d0f6b9c6a4e2d7781f0a3c9", "dirty": False,
        "date": date, "outcome": outcome, "artifacts": artifacts(version, growth), "gates": gates,
        "limits": {"size": {"artifact-limit-bytes": 25000000}},
    }


def refused():
    many = [finding(f"artifacts/hello-2.4.0-x64-setup.exe: {number}: C:/Users/build/.cargo/registry/src/{number}/lib.rs", "a path of the build machine", "no such path") for number in range(27)]
    hostile = finding(HOSTILE, HOSTILE, HOSTILE)
    gates = [
        gate("hardening", "programs are hardened and have a build ID", "pass"),
        gate("macos", "macOS programs are signed and declare their minimum macOS version", "not-applicable", "no artifact holds a program for macOS"),
        gate("packages", "every package opens and matches its record", "pass"),
        gate("protocol", "servers answer as their standards say", "pass", exhibits=[table()]),
        gate("size", "downloads are small", "fail", findings=[finding("artifacts/hello-2.4.0-x64-setup.exe", "26214400 bytes", "less than 25000000 bytes"), hostile], exhibits=[amounts(), treemap()]),
        gate("soak", "memory does not grow over a day", "pass", exhibits=[curves()]),
        gate("start", "programs start at once", "pass", exhibits=[samples("Start of hello", 41, 0.0042, 0.01), samples("Start of hello serve", 900, 0.031, 0.05)]),
        gate("static", "programs need only system libraries and contain no build paths", "fail", findings=many),
        gate(HOSTILE, HOSTILE, "not-applicable", HOSTILE),
    ]
    return report("2.4.0", 1767323045, "fail", gates, 1.0)


def older(number):
    gates = [gate("packages", "every package opens and matches its record", "pass")]
    gates.append(gate("size", "downloads are small", "fail" if number == 2 else "pass", exhibits=[amounts()]))
    if number > 1:
        gates.append(gate("start", "programs start at once", "pass", exhibits=[samples("Start of hello", 41, 0.006 - 0.0004 * number, 0.01)]))
    worst = "fail" if number == 2 else "pass"
    return report(f"2.{number}.0", 1735700000 + 86400 * 47 * number, worst, gates, 0.7 + 0.06 * number)


def main():
    directory = pathlib.Path(sys.argv[1])
    (directory / "older").mkdir(parents=True, exist_ok=True)
    (directory / "refused.json").write_text(json.dumps(refused()))
    for number in range(5):
        (directory / "older" / f"{number}.json").write_text(json.dumps(older(number)))


main()
