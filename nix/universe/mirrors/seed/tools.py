"""The tools that a project's builds ask for: only these are fetched."""

import tomllib
from pathlib import Path

from fail import Fail
from git import git_output
from lock import Lock


def asked(tree: Path, named: list[str], lock: Lock) -> list[str]:
    """Those that a manifest of the tree asks for, and those that the caller names."""
    known = sorted(lock.tools)
    for tool in named:
        if tool not in lock.tools:
            raise Fail(f"there is no tool `{tool}`", f"expected one of {', '.join(f'`{name}`' for name in known)}")
    wanted = {*named, *(tool for path in manifests(tree) for tool in tools_of(path))}
    # Of a name that nobody knows, the flake says where it stands.
    return [tool for tool in known if tool in wanted]


def manifests(tree: Path) -> list[Path]:
    """Every sealift.toml that git knows, or, where it knows no file, every one that is not below a build directory."""
    if git_output(tree, "ls-files", "--cached", "--", "."):
        listed = git_output(tree, "ls-files", "-z", "--cached", "--", "sealift.toml", "**/sealift.toml")
        return [tree / name for name in listed.split("\0") if name and (tree / name).is_file()]
    return [path for path in sorted(tree.rglob("sealift.toml")) if "target" not in path.parts]


def tools_of(manifest: Path) -> list[str]:
    """What is no manifest, others complain of in better words."""
    try:
        build = tomllib.loads(manifest.read_text(encoding="utf-8")).get("build", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return []
    tools = build.get("tools", []) if isinstance(build, dict) else []
    return [tool for tool in tools if isinstance(tool, str)] if isinstance(tools, list) else []
