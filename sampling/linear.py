"""Linear algebra in a fixed order of operations: products, inverses, exchanges of a basis.

NumPy hands matrix products and inverses to BLAS and LAPACK, whose last bits differ between
processors; in the cube method the last bit decides who is asked.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["exchange", "invert", "multiply"]

Floats = NDArray[np.float64]


def multiply(matrix: Floats, vector: Floats) -> Floats:
    """Multiply a matrix by a vector, adding up strictly from left to right.

    Parameters
    ----------
    matrix : array of float64, shape (m, k)
    vector : array of float64, shape (k,)

    Returns
    -------
    array of float64, shape (m,)

    Examples
    --------
    >>> multiply(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 1.0])).tolist()
    [3.0, 7.0]
    """
    if not matrix.shape[1]:
        return np.zeros(matrix.shape[0])
    sums: Floats = np.cumsum(matrix * vector, axis=1)[:, -1]
    return sums


def invert(matrix: Floats) -> Floats:
    """Invert a matrix by Gauss–Jordan elimination with the largest pivot of each column.

    Parameters
    ----------
    matrix : array of float64, shape (m, m)
        Not singular.

    Returns
    -------
    array of float64, shape (m, m)

    Examples
    --------
    >>> invert(np.array([[0.0, 2.0], [4.0, 0.0]])).tolist()
    [[0.0, 0.25], [0.5, 0.0]]
    """
    size = len(matrix)
    work = np.hstack([matrix, np.eye(size)])
    for column in range(size):
        pivot = column + int(np.argmax(np.abs(work[column:, column])))
        if pivot != column:
            work[[column, pivot]] = work[[pivot, column]]
        work[column] /= work[column, column]
        factors = work[:, column].copy()
        factors[column] = 0.0
        work -= np.multiply.outer(factors, work[column])
    return work[:, size:].copy()


def exchange(inverse: Floats, leaver: int, column: Floats) -> None:
    """Bring an inverse up to date, in place, when one column of the basis is exchanged.

    Parameters
    ----------
    inverse : array of float64, shape (m, m)
        Of the basis before the exchange; changed.
    leaver : int
        Place of the column that leaves.
    column : array of float64, shape (m,)
        The inverse times the column that enters; not 0 at the leaver's place.

    Examples
    --------
    >>> inverse = np.eye(2)
    >>> exchange(inverse, 0, np.array([2.0, 1.0]))
    >>> inverse.tolist()
    [[0.5, 0.0], [-0.5, 1.0]]
    """
    scaled = inverse[leaver] / column[leaver]
    inverse -= np.multiply.outer(column, scaled)
    inverse[leaver] = scaled
