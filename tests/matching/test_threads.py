"""How many cores a product of matrices takes."""

from threadpoolctl import threadpool_info

import matching.features  # noqa: F401 - what loads NumPy


def test_a_product_of_matrices_takes_one_thread() -> None:
    """Two wait for each other beside another busy process, at many times the cost."""
    assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == {1}
