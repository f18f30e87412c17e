"""Every function in NumPy's table is tried on real arrays and tables."""

from __future__ import annotations

import numpy as np
import pytest

from mlsense.semantics.models import numpy as models
from mlsense.semantics.models.effects import opaque
from mlsense.semantics.values import Data
from models.observing import Example, examples, executed, falsehoods, followed

EXAMPLES = examples(
    """
    array asarray asanyarray ascontiguousarray asfortranarray: np.{}(x) | np.{}(v) | np.{}(df) | np.{}(s)
        np.{}([[1.0, 2.0], [3.0, 4.0]]) | np.{}([1, 2, 3]) | np.{}([[[1], [2]], [[3], [4]]])
    asarray_chkfinite: np.{}(x) | np.{}(v) | np.{}(df) | np.{}(s) | np.{}([[1.0, 2.0], [3.0, 4.0]])
        np.{}([1, 2, 3]) | np.{}([[[1], [2]], [[3], [4]]])
    log log1p log2 log10 exp exp2 expm1 sqrt cbrt square abs fabs absolute: np.{}(x) | np.{}(v) | np.{}(df)
        np.{}(s)
    sign floor ceil trunc rint fix sin cos tan sinh cosh tanh arcsin: np.{}(x) | np.{}(v) | np.{}(df) | np.{}(s)
    arccos arctan arcsinh arccosh arctanh asin acos atan asinh acosh atanh: np.{}(x) | np.{}(v) | np.{}(df)
        np.{}(s)
    reciprocal negative positive deg2rad rad2deg degrees radians sinc real: np.{}(x) | np.{}(v) | np.{}(df)
        np.{}(s)
    imag angle conj conjugate signbit spacing nan_to_num emath.sqrt: np.{}(x) | np.{}(v) | np.{}(df) | np.{}(s)
    emath.log real_if_close: np.{}(x) | np.{}(v) | np.{}(df) | np.{}(s)
    i0: np.i0(v / 100)
    unwrap: np.unwrap(x)
    power pow add subtract multiply divide true_divide floor_divide mod: np.{}(x, 2) | np.{}(df, 2) | np.{}(v, v)
        np.{}(2, x) | np.{}(x, [1, 2, 3])
    fmod remainder maximum minimum fmax fmin heaviside hypot arctan2 atan2: np.{}(x, 2) | np.{}(df, 2) | np.{}(v, v)
        np.{}(2, x) | np.{}(x, [1, 2, 3])
    float_power logaddexp logaddexp2 copysign nextafter logical_and: np.{}(x, 2) | np.{}(df, 2) | np.{}(v, v)
        np.{}(2, x) | np.{}(x, [1, 2, 3])
    logical_or logical_xor greater greater_equal less less_equal equal: np.{}(x, 2) | np.{}(df, 2) | np.{}(v, v)
        np.{}(2, x) | np.{}(x, [1, 2, 3])
    not_equal: np.{}(x, 2) | np.{}(df, 2) | np.{}(v, v) | np.{}(2, x) | np.{}(x, [1, 2, 3])
    bitwise_and bitwise_or bitwise_xor left_shift right_shift gcd lcm: np.{}(x[:, 1:].astype(int), 2)
        np.{}(v.astype(int), v.astype(int))
    ldexp: np.ldexp(x, 2)
    digitize: np.digitize(v, [1, 3, 5]) | np.digitize(x[:, 1], [1, 3]) | np.digitize(v, [v.mean()])
    isnan isfinite isinf isneginf isposinf iscomplex isreal: np.{}(x) | np.{}(holes)
    isnat: np.isnat(days.to_numpy())
    isin: np.isin(v, [1.0, 4.0]) | np.isin(v, [v.max()])
    isclose: np.isclose(v, 3) | np.isclose(x, 3.0)
    mean std var min max amin amax sum prod argmax argmin nansum nanprod: np.{}(x) | np.{}(x, axis=0)
        np.{}(x, axis=1) | np.{}(x, 1) | np.{}(x, 0) | np.{}(v) | np.{}(x, axis=-1) | np.{}(v, axis=-1)
    nanmean nanargmax nanargmin any all median nanmedian nanstd nanvar: np.{}(x) | np.{}(x, axis=0)
        np.{}(x, axis=1) | np.{}(x, 1) | np.{}(x, 0) | np.{}(v) | np.{}(x, axis=-1) | np.{}(v, axis=-1)
    nanmin nanmax count_nonzero ptp average: np.{}(x) | np.{}(x, axis=0) | np.{}(x, axis=1) | np.{}(x, 1)
        np.{}(x, 0) | np.{}(v) | np.{}(x, axis=-1) | np.{}(v, axis=-1)
    trapezoid: np.trapezoid(v) | np.trapezoid(x, axis=0) | np.trapezoid(x, axis=1)
    cumsum cumprod nancumsum nancumprod: np.{}(v) | np.{}(x) | np.{}(x, axis=0) | np.{}(x, axis=1)
    cumulative_sum cumulative_prod: np.{}(v) | np.{}(x, axis=0) | np.{}(x, axis=1)
    diff: np.diff(v) | np.diff(x) | np.diff(x, axis=0)
    clip: np.clip(x, 0, 4) | np.clip(v, 0, v.mean())
    round around: np.{}(x) | np.{}(x, 1) | np.{}(df)
    copy: np.copy(x) | np.copy(v) | np.copy(df)
    ravel: np.ravel(v) | np.ravel(x) | np.ravel(s)
    squeeze: np.squeeze(x) | np.squeeze(v)
    argsort: np.argsort(v) | np.argsort(x) | v[np.argsort(v)] | np.argsort(x, axis=0)
    repeat: np.repeat(v, 2) | np.repeat(x, 2) | np.repeat(x, 2, axis=0)
    take: np.take(x, [0, 2]) | np.take(x, [0, 2], axis=0) | np.take(x[:, 0], [0, 2])
    transpose: np.transpose(x) | np.transpose(x, (0, 1))
    swapaxes: np.swapaxes(x, 0, 1)
    permute_dims: np.permute_dims(x, (1, 0)) | np.permute_dims(x, (0, 1))
    trace: np.trace(x)
    quantile percentile nanquantile nanpercentile: np.{}(x, 1) | np.{}(x, 1, axis=0) | np.{}(x, 1, axis=1)
        np.{}(x, 1, 1) | np.{}(v, [0, 1])
    bincount: np.bincount(np.abs(v).astype(int))
    linalg.norm: np.linalg.norm(x) | np.linalg.norm(x, axis=1) | np.linalg.norm(x, axis=0) | np.linalg.norm(v)
    cov: np.cov(x) | np.cov(x, rowvar=False) | np.cov(v) | np.cov(x.T)
    corrcoef: np.corrcoef(x) | np.corrcoef(x, rowvar=False) | np.corrcoef(v, v)
    histogram: np.histogram(v) | np.histogram(v, bins=3)
    unique: np.unique(v) | np.unique(v, return_counts=True) | np.unique(x, axis=0)
    float16 float32 float64 float128 single double half int8 int16 int32: np.{}(v) | np.{}(x[:, 1:2]) | np.{}(s)
    int64 uint8 uint16 uint32 uint64 intc intp longlong: np.{}(v) | np.{}(x[:, 1:2]) | np.{}(s)
    astype: np.astype(x, float)
    sort: np.sort(v) | np.sort(x) | np.sort(x, axis=0) | np.sort(s)
    flip flipud atleast_1d atleast_2d: np.{}(v) | np.{}(x)
    fliplr: np.fliplr(x)
    reshape: np.reshape(v, (-1, 1)) | np.reshape(x, -1) | np.reshape(x, (x.shape[0], 3)) | np.reshape(x, (3, 7))
        np.reshape(v, -1)
    expand_dims: np.expand_dims(v, 1) | np.expand_dims(v, 0) | np.expand_dims(x, axis=0) | np.expand_dims(x, axis=2)
    concatenate concat: np.{}([x, z]) | np.{}((x, z), axis=0) | np.{}([x, x], axis=1) | np.{}([v, v])
        np.{}([x, x], axis=None)
    vstack: np.vstack([x, z]) | np.vstack((v, v)) | np.vstack([df, df])
    hstack: np.hstack([x, x]) | np.hstack([v, v]) | np.hstack([x, v.reshape(-1, 1)]) | np.hstack([df, df])
    column_stack: np.column_stack([x, v]) | np.column_stack((v, v))
    dot matmul: np.{}(x, [1.0, 2.0, 3.0]) | np.{}(x, x.T) | np.{}(v, v) | np.{}(x, np.ones((3, 2))) | np.{}(x.T, x)
    inner outer vdot: np.{}(v, v)
    vecdot linalg.vecdot: np.{}(x, x) | np.{}(v, v)
    matvec: np.matvec(x, [1.0, 2.0, 3.0])
    vecmat: np.vecmat(v, x)
    tensordot linalg.tensordot: np.{}(x, x, axes=2)
    einsum: np.einsum('ij,ij->i', x, x) | np.einsum('ij->j', x)
    kron: np.kron(v, v)
    cross linalg.cross: np.{}(x, x + 1)
    diag diagonal diagflat linalg.diagonal linalg.pinv linalg.svd: np.{}(x)
    linalg.svdvals linalg.qr linalg.matrix_rank linalg.trace: np.{}(x)
    linalg.vector_norm linalg.matrix_norm triu tril asmatrix matrix: np.{}(x)
    fft.fft2 fft.ifft2 fft.fftn ndim shape size isscalar iterable: np.{}(x)
    iscomplexobj isrealobj array2string array_str array_repr: np.{}(x)
    linalg.inv linalg.det linalg.slogdet linalg.eig linalg.eigh: np.{}(x.T @ x)
    linalg.eigvals linalg.eigvalsh linalg.cond: np.{}(x.T @ x)
    linalg.cholesky: np.linalg.cholesky(x.T @ x + 1e9 * np.eye(3))
    linalg.matrix_power: np.linalg.matrix_power(x.T @ x, 2)
    linalg.solve: np.linalg.solve(x.T @ x, x.T @ v)
    linalg.lstsq: np.linalg.lstsq(x, v)
    linalg.multi_dot: np.linalg.multi_dot([x.T, x])
    linalg.outer: np.linalg.outer(v, v)
    linalg.matmul: np.linalg.matmul(x, np.ones((3, 2)))
    linalg.tensorinv: np.linalg.tensorinv(x.T @ x, ind=1)
    linalg.tensorsolve: np.linalg.tensorsolve(x.T @ x, x.T @ v)
    convolve correlate: np.{}(v, [1.0, 0.5])
    polyfit: np.polyfit(v, v, 1)
    polyval: np.polyval([1.0, 2.0], v)
    polyadd polysub polymul polydiv: np.{}(v, [1.0, 2.0])
    polyder polyint poly poly1d unique_all unique_counts unique_inverse: np.{}(v)
    unique_values modf frexp fft.fft fft.ifft fft.rfft fft.irfft: np.{}(v)
    fft.fftshift fft.ifftshift zeros_like ones_like: np.{}(v)
    roots: np.roots([1.0, 2.0])
    interp: np.interp(v, [0.0, 9.0], [0.0, 1.0])
    gradient: np.gradient(v)
    ediff1d: np.ediff1d(v)
    histogram2d: np.histogram2d(v, v)
    histogramdd: np.histogramdd(x[:, :2])
    histogram_bin_edges: np.histogram_bin_edges(v)
    union1d intersect1d setdiff1d setxor1d: np.{}(v, [1.0, 4.0])
    choose: np.choose([0, 1, 0, 1, 0, 1, 0], [v, v])
    select: np.select([v > 2], [v], 0)
    piecewise: np.piecewise(v, [v > 2], [1, 0])
    compress extract: np.{}(v > 2, v)
    stack: np.stack([v, v]) | np.stack([v, v], axis=1)
    dstack: np.dstack([x, x])
    block bmat: np.{}([[x], [x]])
    broadcast_to: np.broadcast_to(v, (2, 7))
    broadcast_arrays: np.broadcast_arrays(v, 1)
    moveaxis rollaxis: np.{}(x, 0, 1)
    rot90: np.rot90(x)
    matrix_transpose: np.matrix_transpose(x)
    vander: np.vander(v, 3)
    partition argpartition: np.{}(v, 2)
    lexsort: np.lexsort((v, v))
    take_along_axis: np.take_along_axis(v, np.argsort(v), axis=0)
    nonzero: np.nonzero(v > 2)
    unravel_index: np.unravel_index(3, (2, 2))
    ravel_multi_index: np.ravel_multi_index(([1], [1]), (2, 2))
    trim_zeros: np.trim_zeros(v)
    resize: np.resize(v, 3)
    atleast_3d: np.atleast_3d(x)
    apply_over_axes: np.apply_over_axes(np.sum, x, [0])
    frombuffer: np.frombuffer(v.tobytes())
    fromstring: np.fromstring('1 2', sep=' ')
    packbits unpackbits: np.{}(v.astype('uint8'))
    hsplit: np.hsplit(x, 3)
    vsplit: np.vsplit(x, [2, 5])
    dsplit: np.dsplit(np.atleast_3d(x), [1])
    unstack: np.unstack(x)
    divmod: np.divmod(v, 2)
    sort_complex: np.sort_complex(v)
    lib.stride_tricks.as_strided: np.lib.stride_tricks.as_strided(v, (3,))
    lib.stride_tricks.sliding_window_view: np.lib.stride_tricks.sliding_window_view(v, 3)
    fft.fftfreq fft.rfftfreq: np.{}(7)
    roll: np.roll(v, 1) | np.roll(x, 1, axis=0)
    tile: np.tile(v, 2) | np.tile(x, (2, 1))
    pad: np.pad(v, 1)
    append: np.append(v, 1.0) | np.append(x, z, axis=0)
    insert: np.insert(v, 0, 1.0)
    delete: np.delete(v, 0) | np.delete(x, 0, axis=1)
    arange: np.arange(len(x)) | x[np.arange(len(x))] | x[np.arange(3)] | np.arange(x.shape[0]) | np.arange(1.0, 2.0)
    random.permutation: np.random.permutation(len(x)) | np.random.RandomState(0).permutation(x)
        x[np.random.RandomState(0).permutation(len(x))]
    flatnonzero: np.flatnonzero(v > 2) | x[np.flatnonzero(x[:, 1] > 2)]
    argwhere: np.argwhere(v > 2)
    split: np.split(x, [2, 5]) | np.split(x, [2])[0]
    array_split: np.array_split(x, 3) | np.array_split(x, 2)[1]
    where: np.where(v > 2) | np.where(x > 2) | np.where(v > 2, 1, 0) | np.where(df['a'] > 2, df['b'], 0)
        x[np.where(x[:, 1] > 2)] | x[np.where(x[:, 1] > 2)[0]] | np.where(v > 2, v, v.mean())
        np.where(df > 2, df, 0)
    logical_not: np.{}(v > 2) | x[np.{}(x[:, 1] > 2)] | np.{}(x)
    invert bitwise_not bitwise_invert: np.{}(v > 2)
    zeros ones: np.{}(7) | np.{}((len(x), 2))
    empty: np.empty(0)
    full: np.full(7, 1.0)
    empty_like: np.empty_like(v, shape=0)
    full_like: np.full_like(v, 1.0)
    eye identity tri bartlett blackman hamming hanning diag_indices: np.{}(3)
    tril_indices triu_indices: np.{}(3)
    kaiser: np.kaiser(3, 1.0)
    indices: np.indices((2, 3))
    fromfunction: np.fromfunction(lambda one, two: one + two, (2, 2))
    linspace: np.linspace(0, 1, 7) | np.linspace(v.min(), v.max(), 4)
    logspace geomspace: np.{}(1, 2, 7)
    meshgrid: np.meshgrid([1, 2], [1, 2, 3]) | np.meshgrid(v, v)[0]
    searchsorted: np.searchsorted([1, 3, 5], v) | np.searchsorted([1, 3], 2)
    apply_along_axis: np.apply_along_axis(np.sum, 1, x) | np.apply_along_axis(np.sum, 0, x)
    allclose array_equal array_equiv: np.{}(x, x)
    """
)
# Arguments of what draws random numbers, before the size.
PARAMETERS = {
    "normal": "5, 2", "uniform": "1, 9", "randint": "1, 9", "integers": "1, 9", "exponential": "2", "poisson": "9",
    "binomial": "9, 0.5", "gamma": "2, 1", "beta": "2, 1", "lognormal": "0, 1", "laplace": "0, 1", "chisquare": "2",
    "geometric": "0.5", "gumbel": "0, 1", "logistic": "0, 1", "pareto": "2", "power": "2", "rayleigh": "2",
    "standard_gamma": "2", "standard_t": "5", "triangular": "0, 1, 2", "vonmises": "0, 1", "wald": "1, 1",
    "weibull": "2", "zipf": "3", "negative_binomial": "9, 0.5", "f": "5, 5", "hypergeometric": "9, 9, 5",
    "logseries": "0.5", "noncentral_chisquare": "2, 1", "noncentral_f": "5, 5, 1", "dirichlet": "[1, 1]",
    "multivariate_normal": "[0, 0], [[1, 0], [0, 9]]", "multinomial": "9, [0.5, 0.5]",
    "multivariate_hypergeometric": "[9, 9], 5",
}  # fmt: skip
MODERN = {"integers": "random.default_rng(0)", "multivariate_hypergeometric": "random.default_rng(0)"}


def draws(name: str) -> list[str]:
    """A single number, a column, a table of one column, a table."""
    module = MODERN.get(name, "random")
    if name in ("rand", "randn"):
        return [f"np.random.{name}({sizes})" for sizes in ("", "7", "7, 1", "7, 3")]
    given = PARAMETERS.get(name, "")
    comma = ", " if given else ""
    sizes = ("", f"{comma}size=7", f"{comma}size=(7, 3)", f"{comma}size=len(x)")
    return [f"np.{module}.{name}({given}{size})" for size in sizes]


DRAWS = [line for name in (*models.RANDOM, *models.RANDOM_ROWS) for line in draws(name)]
DRAWS += ["np.random.normal([0, 0], [1, 1000], size=(7, 2))", "np.random.choice(len(x), 3)", "np.random.choice(v, 3)",
          "np.random.default_rng(0).choice(x, 3)", "np.random.default_rng(0).permutation(len(x))"]  # fmt: skip
# What draws, prints, writes, or makes something that is no data: the model claims nothing of it.
NO_DATA = {name for name, model in models.FUNCTIONS.items() if model in (models.nothing, opaque)}
GENERATORS = {"random.default_rng", "random.RandomState", "random.Generator"}
FILES = {"loadtxt", "genfromtxt", "fromfile", "load", "save", "savez", "savez_compressed", "savetxt"}

NEIGHBOURS = "takes values of rows beside it or before it: an order, no statistic"
SILENT = {
    **dict.fromkeys("cumsum cumprod nancumsum nancumprod cumulative_sum cumulative_prod diff".split(), NEIGHBOURS),
    **dict.fromkeys("argsort sort flip flipud".split(), "an order of rows"),
    **dict.fromkeys(["any", "all"], "a yes or a no about all rows shapes no values"),
    "np.max(x)": "the largest number of a whole table is taken for its unit, as 255 is",
}
for _name in ("max", "min", "amax", "amin"):
    SILENT[f"np.{_name}(x)"] = SILENT["np.max(x)"]


def example(line: str) -> Example:
    words = "".join(letter if letter.isalnum() else " " for letter in line).split()
    given = next((name for name in ("x", "v", "df", "s", "holes", "days") if name in words), "x")
    return Example(f"result = {line}", given)


CASES = [
    (line, SILENT.get(line) or SILENT.get(name, "")) for name in models.FUNCTIONS for line in EXAMPLES.get(name, [])
]


# In older releases only, and still in people's programs.
GONE = {"in1d": "2.4", "trapz": "2.4", "row_stack": "2.5", "float_": "2.0"}


def resolved(name: str) -> object:
    last = name.rpartition(".")[2]
    # A generator's methods are looked up beside the functions.
    thing: object = np.random.default_rng() if last in MODERN else np
    for part in [last] if last in MODERN else name.split("."):
        thing = getattr(thing, part)
    return thing


@pytest.mark.parametrize("name", models.FUNCTIONS)
def test_every_function_exists_and_has_examples(name: str) -> None:
    if name in GONE:
        return
    assert callable(resolved(name)), name
    drawn = models.FUNCTIONS[name] is models.drawn
    assert drawn or name in NO_DATA | FILES | {"random.choice", *GENERATORS} or EXAMPLES.get(name, []), (
        f"{name}: no example"
    )


@pytest.mark.parametrize(("line", "leave"), [pytest.param(line, leave, id=line) for line, leave in CASES])
def test_what_is_said_is_so(line: str, leave: str) -> None:
    """`leave`: why the model may say nothing of a statistic that is there."""
    assert falsehoods(example(line), leave) == []


@pytest.mark.parametrize("line", DRAWS)
def test_what_is_said_of_random_numbers_is_so(line: str) -> None:
    given = "v" if "(v" in line else "x"
    assert falsehoods(Example(f"np.random.seed(0)\nresult = {line}", given)) == []


@pytest.mark.parametrize("name", sorted({*models.RANDOM}))
def test_random_numbers_lie_where_they_are_said_to_lie(name: str) -> None:
    """Nearly all of them: where there is no bound, within three standard deviations."""
    call = f"np.random.default_rng(0).{name}" if name in MODERN else f"np.random.{name}"
    given = PARAMETERS.get(name, "")
    sizes = "5000" if name in ("rand", "randn") else f"{given}{', ' if given else ''}size=5000"
    program = f"import numpy as np\nnp.random.seed(0)\nresult = {call}({sizes})\nresult\n"
    said = followed(program)["result"].object
    assert isinstance(said, Data)
    if said.columns is not None:
        (column,) = said.columns.items
        real = executed(program)["result"]
        assert np.mean((real >= column.low) & (real <= column.high)) > 0.98
