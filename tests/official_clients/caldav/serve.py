"""Runs a CalDAV server on a port that the system picks: `serve.py MODULE ARGUMENTS…`.

Whatever port the arguments name, the server gets a free one: a port that is looked up first and bound later can be
somebody else's in between. It says "ready PORT" on standard error once somebody answers there, and ends when standard
input does, so that it never outlives the test that started it.
"""

import os
import runpy
import socket
import sys
import threading
import time

HERE = "127.0.0.1"
bind = socket.socket.bind


def bind_to_any_port(listener, address):
    if listener.family != socket.AF_INET or address[0] != HERE:
        return bind(listener, address)
    bind(listener, (HERE, 0))
    port = listener.getsockname()[1]
    threading.Thread(target=say_when_ready, args=[port], daemon=True).start()


def end_with_parent():
    while os.read(0, 1024):
        pass
    os._exit(0)


def say_when_ready(port):
    while True:
        try:
            socket.create_connection((HERE, port)).close()
        except OSError:
            time.sleep(0.02)
        else:
            # In one piece: the server's own lines come from other threads.
            os.write(2, f"\nready {port}\n".encode())
            return


module = sys.argv[1]
socket.socket.bind = bind_to_any_port
threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv = [module, *sys.argv[2:]]
runpy.run_module(module, run_name="__main__")
