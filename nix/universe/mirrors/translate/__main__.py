"""Runs Nix and says on stderr what it does in a few lines, in place of what Nix itself says.

usage: python3 translate --manifest FILE --failed FILE COMMAND...

The manifest's name stands in messages. The derivation that failed last is written into the file after --failed. stdout and
the exit code are those of the command.

`nix run`, `nix develop` and `nix shell` give the terminal to a program, which nothing may stand between. What they make is
therefore made by another command first, and the command itself then has nothing left to fail at.
"""

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from messages import building, failed_derivation, is_noise, named, names_no_output, names_unknown_option, plain, to_build, translated
from rehearsal import rehearsal, rehearsal_of_app


class Speaker:
    """Prints lines, and below them on a terminal one that says what is being built."""

    def __init__(self) -> None:
        self.on_terminal = sys.stderr.isatty()
        self.guard = threading.Lock()
        self.began, self.built, self.total, self.current = time.monotonic(), 0, 0, ""

    def say(self, line: str) -> None:
        with self.guard:
            self.clear()
            print(line, file=sys.stderr, flush=True)

    def building(self, name: str) -> None:
        self.built += 1
        self.current = f"{name} ({self.built} of {max(self.built, self.total)})"
        if not self.on_terminal:
            self.say(f"nixw: building {self.current}")

    def clear(self) -> None:
        if self.on_terminal and self.current:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def show_progress(self) -> None:
        while self.on_terminal:
            time.sleep(0.5)
            with self.guard:
                if self.current:
                    minutes, seconds = divmod(int(time.monotonic() - self.began), 60)
                    line = f"nixw: {minutes}:{seconds:02} building {self.current}"
                    print(f"\r{line[:100]}\033[K", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        with self.guard:
            self.clear()
            self.on_terminal = False


class Translation:
    """Collects the lines of an error until it is whole; says all others at once."""

    def __init__(self, speaker: Speaker, manifest: str, failed: Path, is_dry: bool) -> None:
        self.speaker, self.manifest, self.failed, self.is_dry = speaker, manifest, failed, is_dry
        self.block: list[str] = []
        self.was_noise = self.in_list = False
        # Errors that the caller judges before anybody sees them.
        self.is_held = lambda _block: False
        self.held: list[list[str]] = []

    def take(self, raw: str) -> None:
        line = plain(raw)
        # An error goes on in indented and empty lines; newer versions of Nix indent all of it but the first.
        if self.block and (not line.strip() or line.startswith((" ", "(use '--show-trace'"))):
            self.block.append(line)
            return
        self.end_error()
        if line.startswith("error:"):
            self.block = [line]
            return
        total = to_build(line)
        self.in_list = bool(total) or (self.in_list and line.startswith("  /nix/store/"))
        self.speaker.total += total or 0
        # Each is named when its turn comes.
        if self.in_list and not self.is_dry:
            return
        self.was_noise = is_noise(line, self.was_noise)
        name = building(line)
        if name:
            self.speaker.building(name)
        elif not self.was_noise and line.strip():
            self.speaker.say(named(line))

    def end_error(self) -> None:
        if not self.block:
            return
        if self.is_held(self.block):
            self.held.append(self.block)
            self.block = []
            return
        derivation = failed_derivation(self.block)
        if derivation:
            self.failed.parent.mkdir(parents=True, exist_ok=True)
            self.failed.write_text(derivation, encoding="utf-8")
        for line in translated(self.block, self.manifest):
            self.speaker.say(line)
        self.block = []


def main() -> int:
    parser = argparse.ArgumentParser(prog="translate")
    parser.add_argument("--manifest", required=True)
    parser.add_argument("--failed", type=Path, required=True)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    speaker = Speaker()
    translation = Translation(speaker, arguments.manifest, arguments.failed, "--dry-run" in arguments.command)
    threading.Thread(target=speaker.show_progress, daemon=True).start()
    if arguments.command[1:2] not in (["run"], ["develop"], ["shell"]):
        status = run(arguments.command, translation)
        speaker.end()
        return status
    status = rehearse(arguments.command, translation)
    speaker.end()
    if status == 0:
        # What Python ignores would be ignored by the program, too.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.execvp(arguments.command[0], arguments.command)
    return status


def rehearse(command: list[str], translation: Translation) -> int:
    """Makes what a command makes before it starts a program; 0 if that is done, or is for the command to say."""
    first = rehearsal(command)
    if first is None:
        return 0
    translation.is_held = lambda block: names_unknown_option(block) or (command[1] == "run" and names_no_output(block))
    status = run(first, translation, stdout=subprocess.DEVNULL)
    held, translation.held = translation.held, []
    if not held:
        return status
    # It may be an app, which is no package. Whatever else was held, the command itself says better.
    app = rehearsal_of_app(command) if names_no_output(held[0]) else None
    if app is None:
        return 0
    status = run(app, translation, stdout=subprocess.DEVNULL)
    translation.is_held = lambda _block: False
    for block in held if translation.held else []:
        translation.block = block
        translation.end_error()
    return status


def run(command: list[str], translation: Translation, stdout: int | None = None) -> int:
    """Runs a command of Nix; its exit code."""
    with subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE) as nix:
        # Ctrl-C reaches Nix as well, which then ends, and so does this loop.
        while True:
            try:
                raw = nix.stderr.readline()
            except KeyboardInterrupt:
                continue
            if not raw:
                break
            translation.take(raw.decode(errors="replace"))
        translation.end_error()
    return nix.returncode if nix.returncode >= 0 else 128 - nix.returncode


if __name__ == "__main__":
    sys.exit(main())
