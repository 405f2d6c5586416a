"""How all tests run: the same examples on every machine of a build, and no test of a machine's speed."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A build that fails must fail again when it is repeated; at a desk each run tries other examples.
settings.register_profile(
    "here", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("here")
