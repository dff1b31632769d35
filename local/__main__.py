"""`python -m local up|run|down|status`; PORT chooses the port, LOCAL_DIR the directory for state."""

import sys

if __name__ == "__main__":
    try:
        from local.commands import main  # importing the SDK takes long enough to be interrupted

        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
