"""``python -m server.cli``: the same as ``setroom``."""

from server.cli.entry import main

if __name__ == "__main__":
    main(prog_name="setroom")
