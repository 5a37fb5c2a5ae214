"""What Lambda's runtime does for a function in Python: `function_host.py MODULE.HANDLER SECONDS`, the event on standard input."""

import contextlib
import importlib
import json
import sys
import time


class Context:
    def __init__(self, seconds):
        self._end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self):
        return int((self._end - time.monotonic()) * 1000)


def main(handler, seconds):
    module, name = handler.rsplit(".", 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            result = getattr(importlib.import_module(module), name)(json.load(sys.stdin), Context(float(seconds)))
        answer = {"result": result}
    except Exception as error:  # the caller of a function is told of whatever it raises
        answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
