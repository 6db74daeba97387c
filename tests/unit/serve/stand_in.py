"""In place of the screens: a program that starts at once, and says by their protocol what it is sent."""

import json
import os
import signal
import sys


def send(kind: bytes, data: bytes) -> None:
    """Write one packet."""
    os.write(1, kind + len(data).to_bytes(4, "big") + data)


def main() -> None:
    """Greet; echo what is typed and how large the page is, until told to quit or the input ends."""
    if "deaf" in sys.argv:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(1, b"__GANGLION__\n")
    send(b"D", f"ready {os.getpid()} {os.environ['COLUMNS']}x{os.environ['ROWS']}".encode())
    while (header := sys.stdin.buffer.read(5)) and len(header) == 5:
        data = sys.stdin.buffer.read(int.from_bytes(header[1:], "big"))
        if header[:1] == b"D":
            send(b"D", b"typed " + data)
            if data == b"crash":
                os._exit(3)
            continue
        told = json.loads(data)
        if told["type"] == "resize":
            send(b"D", f"size {told['width']}x{told['height']}".encode())
        if told["type"] == "quit" and "deaf" not in sys.argv:
            return


main()
