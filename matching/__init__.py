"""Strings, scores and suggestions; knows texts and facets, never the forum's records."""

import os

# One thread for each product of matrices, before NumPy is loaded. Two threads of OpenBLAS wait for each other in a loop
# that burns a core: beside another busy process learning a small pack took 1.6 to 7.8 s of CPU in place of 0.3 s. With
# the machine for itself the second thread gains a third, and a server seldom has the machine for itself.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
