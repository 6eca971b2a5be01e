"""Runs a CalDAV server on a port: `serve.py PORT MODULE ARGUMENTS…`.

It says "ready" on standard error once somebody answers at the port, and ends when standard input does, so that
it never outlives the test that started it.
"""

import os
import runpy
import socket
import sys
import threading
import time


def end_with_parent():
    while os.read(0, 1024):
        pass
    os._exit(0)


def say_when_ready(port):
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.02)
        else:
            print("ready", file=sys.stderr, flush=True)
            return


port, module = int(sys.argv[1]), sys.argv[2]
threading.Thread(target=end_with_parent, daemon=True).start()
threading.Thread(target=say_when_ready, args=[port], daemon=True).start()
sys.argv = [module, *sys.argv[3:]]
runpy.run_module(module, run_name="__main__")
