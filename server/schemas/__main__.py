"""``python -m server.schemas --check | --write``."""

from __future__ import annotations

import argparse
import sys

from server.schemas import outputs


def main(arguments: list[str]) -> int:
    """Exit status: 0 when everything fits, 1 when ``--check`` found a file that does not."""
    parser = argparse.ArgumentParser(prog="python -m server.schemas", description=__doc__)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true", help="fail if a generated file has drifted")
    mode.add_argument("--write", action="store_true", help="write the generated files")
    chosen = parser.parse_args(arguments)
    paths = outputs.write() if chosen.write else outputs.drifted()
    verb = "wrote" if chosen.write else "out of date:"
    for path in paths:
        sys.stdout.write(f"{verb} {path}\n")
    return 1 if paths and chosen.check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
