#!/usr/bin/env python3
"""Copy the third-party files of pages, PDFs and browser tests out of npm, with licences and checksums.

`tools/vendor_static.py` rebuilds them from `frontend/package-lock.json`; `--check` only compares. The result
is committed: nobody needs Node to run the application. The lock holds no registry address (frontend/.npmrc),
so npm asks the registry that the machine is set up for; scripts of packages are never run.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INTER = "@expo-google-fonts/inter"

# Folder in the repository -> (package, licence files, files wanted); the name of the file stays.
FOLDERS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "static/vendor/htmx.org": ("htmx.org", ("LICENSE",), ("dist/htmx.min.js",)),
    "pmo/fonts": (
        INTER,
        ("LICENSE_FONT",),
        ("400Regular/Inter_400Regular.ttf", "600SemiBold/Inter_600SemiBold.ttf", "700Bold/Inter_700Bold.ttf"),
    ),
    "tests/vendor/axe-core": ("axe-core", ("LICENSE", "LICENSE-3RD-PARTY.txt"), ("axe.min.js",)),
}


def build(root: Path) -> None:
    """Write every folder of `FOLDERS` under `root`, with SHA256SUMS; fails if npm or a file is missing."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit(
            "npm is needed to fetch the vendored files; running the application does not need it."
        )
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(ROOT / "frontend" / name, scratch)
        subprocess.run([npm, "ci", "--ignore-scripts", "--silent"], cwd=scratch, check=True)
        for folder, (package, licences, files) in FOLDERS.items():
            source = Path(scratch, "node_modules", package)
            to = root / folder
            to.mkdir(parents=True, exist_ok=True)
            for name in (*licences, *files):
                (to / Path(name).name).write_bytes(_without_source_map((source / name).read_bytes(), name))
            write_sums(to)


def _without_source_map(content: bytes, name: str) -> bytes:
    """No maps are shipped, and the manifest storage fails on a pointer to a file that is not there."""
    if not name.endswith((".js", ".css")):
        return content
    return b"\n".join(line for line in content.split(b"\n") if b"sourceMappingURL=" not in line)


def sums(folder: Path) -> str:
    """The lines of SHA256SUMS for a folder, as `sha256sum -c` reads them; without itself and Python files."""
    files = sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and path.name != "SHA256SUMS" and path.suffix != ".py"
    )
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)


def write_sums(folder: Path) -> None:
    """Write SHA256SUMS beside the files of a folder."""
    (folder / "SHA256SUMS").write_text(sums(folder))


def main() -> int:
    """Rebuild, or with `--check` say whether the files are what the lock gives; 1 if they differ."""
    if "--check" not in sys.argv[1:]:
        build(ROOT)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        build(Path(scratch))
        differing = [
            folder
            for folder in FOLDERS
            if (Path(scratch, folder, "SHA256SUMS").read_text() != (ROOT / folder / "SHA256SUMS").read_text())
            or sums(ROOT / folder) != (ROOT / folder / "SHA256SUMS").read_text()
        ]
    print(
        f"differs from the lock: {', '.join(differing)}"
        if differing
        else "the vendored files are what the lock gives"
    )
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
