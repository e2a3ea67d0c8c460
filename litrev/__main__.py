"""`python -m litrev`."""

import sys

from litrev.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
