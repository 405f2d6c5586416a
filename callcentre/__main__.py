"""`python -m callcentre` is `callcentre`."""

from callcentre.cli.main import main

if __name__ == "__main__":
    main()
