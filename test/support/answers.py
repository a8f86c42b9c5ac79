"""Runs a command on a terminal of its own and answers its questions; writes what it says, and ends with its exit code.

usage: answers.py QUESTION=ANSWER... -- COMMAND...; a question is a part of its text, and they come in this order.
"""

import os
import pty
import sys

end = sys.argv.index("--")
waiting = [argument.split("=", 1) for argument in sys.argv[1:end]]
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[end + 1], sys.argv[end + 1 :])
said = ""
while True:
    try:
        written = os.read(terminal, 65536)
    except OSError:
        written = b""
    if not written:
        break
    said += written.decode(errors="replace")
    if waiting and waiting[0][0] in said:
        os.write(terminal, f"{waiting.pop(0)[1]}\n".encode())
print(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
