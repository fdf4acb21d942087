"""The page list."""

import os

# torch reads this when it is loaded. Threads of its that wait for work would else spin, and take the cores from the
# one that computes and from the browser beside it: a GPT-2-small costs twice the processor time then.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from explorer.ui import page

page.show()
