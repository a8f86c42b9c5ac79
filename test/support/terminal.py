"""Runs a command on a terminal of its own, which is closed once a line comes on standard input; prints its exit code.

usage: terminal.py hang-up|detached COMMAND...
hang-up: the command belongs to the terminal and gets its signal; detached: it only writes there.
"""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios

mode, command = sys.argv[1], sys.argv[2:]
if mode == "hang-up":
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    wait = lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
else:
    terminal, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(command, stdin=inside, stdout=inside, stderr=inside, start_new_session=True)
    os.close(inside)
    wait = process.wait

while True:
    ready, _, _ = select.select([terminal, sys.stdin], [], [])
    if sys.stdin in ready:
        break
    try:
        written = os.read(terminal, 65536)
    except OSError:
        written = b""
    if not written:
        break
    sys.stderr.buffer.write(written)
    sys.stderr.flush()
os.close(terminal)
print(wait())
