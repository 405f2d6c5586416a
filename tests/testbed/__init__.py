"""What is around the product, on loopback, of real parts: a PBX, a telephone network, an SMS gateway, the daemon.

`scripts/testbed` brings the programs. Used by the acceptance tests, `scripts/demo` and `scripts/bench`.
"""
