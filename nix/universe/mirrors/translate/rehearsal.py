"""The commands of Nix that evaluate and build the same as one that gives the terminal to a program."""

import os

# How many words follow an option of Nix. Options that are not here have none.
WORDS = {
    "--override-input": 2,
    "--option": 2,
    "--arg": 2,
    "--argstr": 2,
    "--update-input": 1,
    "--inputs-from": 1,
    "--reference-lock-file": 1,
    "--output-lock-file": 1,
    "--override-flake": 2,
    "--include": 1,
    "-I": 1,
    "--max-jobs": 1,
    "-j": 1,
    "--cores": 1,
    "--builders": 1,
    "--store": 1,
    "--eval-store": 1,
    "--log-format": 1,
    "--system": 1,
}
# The options that say only what is done with the result, and how many words follow them.
OF_PROGRAM = {
    "--ignore-environment": 0,
    "--ignore-env": 0,
    "-i": 0,
    "--keep": 1,
    "--keep-env-var": 1,
    "-k": 1,
    "--unset": 1,
    "--unset-env-var": 1,
    "-u": 1,
    "--set-env-var": 2,
    "-s": 2,
    "--profile": 1,
    "--redirect": 2,
    "--phase": 1,
    "--unpack": 0,
    "--configure": 0,
    "--build": 0,
    "--check": 0,
    "--install": 0,
    "--installcheck": 0,
    "--quiet": 0,
}
# What is given in one of these ways is not an output of a flake, and is left to Nix.
OTHER_SOURCES = {"--file", "-f", "--expr", "-E", "--stdin"}


def rehearsal(command: list[str]) -> list[str] | None:
    """What `nix run`, `nix develop` or `nix shell` makes before it starts a program; None if that cannot be told."""
    nix, verb, *rest = command
    options, installables = arguments_of(rest)
    if OTHER_SOURCES & {option.split("=")[0] for option in options}:
        return None
    if verb == "develop":
        return [nix, "print-dev-env", *options, *installables]
    if verb == "run":
        installables = installables[:1]
    return [nix, "build", "--no-link", *options, *installables]


def rehearsal_of_app(command: list[str]) -> list[str] | None:
    """The evaluation of the app that `nix run` prefers to a package of that name; None if its name says what it is."""
    nix, _, *rest = command
    options, installables = arguments_of(rest)
    flake, _, name = (installables or ["."])[0].partition("#")
    if "." in name or "^" in name:
        return None
    named = dict(zip(options, options[1:])).get("--system")
    system = named or f"{os.uname().machine}-{os.uname().sysname.lower()}"
    return [nix, "eval", "--raw", *options, f"{flake or '.'}#apps.{system}.{name or 'default'}.program"]


def arguments_of(rest: list[str]) -> tuple[list[str], list[str]]:
    """The options that say what is made, and the outputs that are; what belongs to the program is left out."""
    options, installables = [], []
    words = iter(rest)
    for word in words:
        if word in ("--", "--command", "-c"):
            break
        if word in OF_PROGRAM:
            for _ in range(OF_PROGRAM[word]):
                next(words, None)
        elif word.startswith("-"):
            options.append(word)
            options.extend(filter(None, (next(words, None) for _ in range(WORDS.get(word, 0)))))
        else:
            installables.append(word)
    return options, installables
