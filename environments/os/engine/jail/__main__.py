"""Starts the jail process. It is this short because Python compiles the program it starts with anew each time."""

from service import main

if __name__ == "__main__":
    main()
