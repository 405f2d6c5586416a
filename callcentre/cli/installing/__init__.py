"""What `callcentre install` and `callcentre uninstall` do on a PBX.

`syntax` and `blocks` read and change configuration texts, `plan` decides what is to be written, `show` tells it: all of
them are pure. `survey` looks at the machine, `backup` keeps what is replaced, `carrying_out` writes and puts back.
"""
