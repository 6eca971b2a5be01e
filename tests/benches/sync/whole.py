"""Runs a program to its end, and says in JSON how long it took and the most memory that it held:
`whole.py PROGRAM ARGUMENTS…`. What the program prints goes to standard error."""

import json
import os
import sys
import time

begun = time.perf_counter()
to_error = [(os.POSIX_SPAWN_DUP2, 2, 1)]
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=to_error)
_, status, usage = os.wait4(child, 0)
took_s = time.perf_counter() - begun
code = os.waitstatus_to_exitcode(status)
print(json.dumps({"took_s": took_s, "peak_kib": usage.ru_maxrss, "code": code}))
