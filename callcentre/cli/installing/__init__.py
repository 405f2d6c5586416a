"""The parts of `callcentre install` and `callcentre uninstall`.

`syntax` and `blocks` read and change configuration texts, `plan` decides what to write, and `show` displays it: all of
them are pure. `survey` looks at the machine. `carrying_out` writes files, keeps copies of what it replaces, and
restores.
"""
