"""What the app's server does for a training, and nothing else, so that it can be killed: it has a launcher, and asks it
for a worker wherever a folder comes on standard input, one a line. It answers with the launcher's process id.
"""

import sys
from pathlib import Path

from mnist_core.runs.run import load_run
from mnist_core.workers import control, launcher

if __name__ == "__main__":
    launcher.COMMAND = (sys.executable, "-m", "benchmarks.doomed")
    launcher.start()
    for line in sys.stdin:
        launcher.start()  # unless it lives
        control.start(load_run(Path(line.rstrip("\n"))))
        print(launcher.process_id(), flush=True)
    launcher.stop()
