"""Lets `python -m survey.cli` stand in for the installed command."""

from survey.cli import main

if __name__ == "__main__":
    main()
