"""Every function in pandas' and SciPy's tables is tried on real tables and arrays."""

from __future__ import annotations

import importlib

import pytest

from mlsense.semantics.models import numpy as numpy_models
from mlsense.semantics.models import pandas as pandas_models
from mlsense.semantics.models import scipy as scipy_models
from mlsense.semantics.models.effects import opaque
from models.observing import Example, examples, falsehoods

PANDAS = examples(
    """
    DataFrame: pd.DataFrame(df) | pd.DataFrame(df, columns=['a', 'b']) | pd.DataFrame(x)
        pd.DataFrame(x, columns=['p', 'q', 'r']) | pd.DataFrame(v) | pd.DataFrame(v, columns=['p']) | pd.DataFrame(s)
        pd.DataFrame({'p': df['a'], 'q': df['b']}) | pd.DataFrame({'p': df['a'], 'q': [1, 2, 3, 4, 5, 6, 7]})
        pd.DataFrame({'p': df['a'], 'q': df['a'].mean()}) | pd.DataFrame({'p': [1, 2], 'q': [3, 4]})
        pd.DataFrame({'mean': df.mean(), 'std': df.std()}) | pd.DataFrame([[1, 2], [3, 4]], columns=['p', 'q'])
        pd.DataFrame([{'p': 1}, {'p': 2}]) | pd.DataFrame({'p': df['a'], 'q': df['b']}, columns=['q'])
        pd.DataFrame([line for line in x]) | pd.DataFrame({'p': list(s)}) | pd.DataFrame({'p': list(s), 'q': 1})
        pd.DataFrame(df['a'] - df['a'].mean()) | pd.DataFrame({'p': [cell + 1 for cell in s]}) | pd.DataFrame()
        pd.DataFrame(m.toarray())
    Series: pd.Series(v) | pd.Series(s) | pd.Series([1, 2, 3]) | pd.Series(s, name='c') | pd.Series([1, 2], name='c')
        pd.Series([cell for cell in s]) | pd.Series({'p': 1, 'q': 2}) | pd.Series(dtype=float)
    concat: pd.concat([df, other]) | pd.concat([df, df]) | pd.concat([df, prices['c']], axis=1)
        pd.concat([df[['a']], df[['b']]], axis=1) | pd.concat([s, s]) | pd.concat([df['a'], df['b']], axis=1)
        pd.concat([df, df.add_suffix('2')], axis='columns') | pd.concat({'one': df, 'two': other})
        pd.concat([df, df.mean().to_frame().T]) | pd.concat([s, df['b'] - df['b'].mean()], axis=1)
    merge: pd.merge(df, other, on='k') | pd.merge(df, other, on='k', how='left') | pd.merge(df, other, 'right', on='k')
        pd.merge(df, other, how='cross')
    pivot: pd.pivot(df, index='k', columns='a', values='b')
    pivot_table: pd.pivot_table(df, index='a', values='b')
    melt: pd.melt(df, id_vars='k')
    unique: pd.unique(s)
    crosstab: pd.crosstab(df['a'], df['b'])
    merge_asof: pd.merge_asof(df, prices, on='k')
    merge_ordered: pd.merge_ordered(df, other)
    wide_to_long: pd.wide_to_long(df.rename(columns={'a': 'c1', 'b': 'c2'}), 'c', i='k', j='n')
    lreshape: pd.lreshape(df, {'c': ['a', 'b']})
    from_dummies: pd.from_dummies(pd.get_dummies(words))
    json_normalize: pd.json_normalize(df.to_dict('records'))
    DataFrame.from_dict: pd.DataFrame.from_dict({'p': [1, 2]})
    DataFrame.from_records: pd.DataFrame.from_records([(1, 2), (3, 4)])
    cut: pd.cut(s, 3) | pd.cut(s, [0, 3, 9]) | pd.cut(s, bins=[0, 3, 9], labels=False) | pd.cut(v, 3)
        pd.cut(s, 3, retbins=True) | pd.cut(s, [0, s.mean(), 99])
    qcut: pd.qcut(s, 2) | pd.qcut(s, [0, 0.5, 1]) | pd.qcut(s, q=2, duplicates='drop') | pd.qcut(v, 2)
    get_dummies: pd.get_dummies(words) | pd.get_dummies(mixed) | pd.get_dummies(mixed, columns=['w'], drop_first=True)
    to_numeric: pd.to_numeric(s) | pd.to_numeric(s.astype(str), errors='coerce') | pd.to_numeric(v)
    to_datetime: pd.to_datetime(days) | pd.to_datetime(days.astype(str)) | pd.to_datetime(['2020-01-01'])
        pd.to_datetime(days.to_numpy())
    to_timedelta: pd.to_timedelta(s, unit='s')
    Categorical: pd.Categorical(words) | pd.Categorical(['a', 'b'])
    array: pd.array(s) | pd.array([1, 2])
    isna isnull notna notnull: pd.{}(gaps) | pd.{}(sgaps) | pd.{}(holes) | gaps[pd.{}(gaps['a'])]
    factorize: pd.factorize(words)
    date_range bdate_range: pd.{}('2020-01-01', periods=3)
    period_range: pd.period_range('2020-01', periods=3, freq='M')
    timedelta_range: pd.{}(start=pd.Timedelta('1D'), end=pd.Timedelta('3D'))
    interval_range: pd.interval_range(0, 3)
    Index: pd.Index(w) | pd.Index([1, 2])
    DatetimeIndex: pd.DatetimeIndex(days)
    TimedeltaIndex: pd.TimedeltaIndex(v.astype('timedelta64[s]'))
    PeriodIndex: pd.PeriodIndex(days.astype(str), freq='D')
    CategoricalIndex: pd.CategoricalIndex(words)
    """
)
SCIPY = examples(
    """
    stats.zscore: stats.zscore(x) | stats.zscore(x, axis=1) | stats.zscore(df) | stats.zscore(s) | stats.zscore(v)
        stats.zscore(x, 1)
    cluster.vq.whiten: cluster.vq.whiten(x)
    stats.boxcox: stats.boxcox(np.abs(v) + 1) | stats.boxcox(np.abs(v) + 1, 0.5) | stats.boxcox(np.abs(s) + 1)
    stats.yeojohnson: stats.yeojohnson(v) | stats.yeojohnson(v, 0.5)
    stats.rankdata: stats.rankdata(v)
    stats.skew stats.kurtosis stats.sem stats.gmean: {}(x) | {}(v) | {}(x, axis=1) | {}(x, axis=0)
    stats.mode stats.iqr stats.hmean stats.describe stats.tmean stats.tvar stats.tstd stats.variation: {}(v)
    stats.median_abs_deviation stats.moment: {}(x)
    pdf logpdf cdf logcdf sf logsf isf ppf: stats.norm.{}(x) | stats.norm.{}(df['a']) | stats.expon.{}(v)
        stats.norm(0, 1).{}(v)
    pmf logpmf: stats.poisson.{}(v.astype(int), 2)
    rvs: stats.norm.rvs(size=7, random_state=0)
    special.expit special.logit special.erf special.erfc special.erfinv special.gamma: {}(x) | {}(v) | {}(df)
    special.gammaln special.factorial special.exp10 special.cbrt special.expm1: {}(x) | {}(v)
    special.log1p special.digamma special.ndtr special.ndtri special.entr: {}(x) | {}(v)
    special.comb special.beta special.boxcox special.boxcox1p special.inv_boxcox: {}(v, 2)
    special.inv_boxcox1p special.xlogy special.xlog1py special.huber special.rel_entr special.kl_div: {}(v, 2)
    special.softmax special.log_softmax: {}(x) | {}(x, axis=1) | {}(x, 1) | {}(v) | {}(x, axis=0)
    special.logsumexp: special.logsumexp(x, axis=1) | special.logsumexp(v)
    linalg.norm linalg.pinv linalg.svd linalg.svdvals linalg.qr linalg.lu linalg.orth: {}(x)
    linalg.subspace_angles: linalg.subspace_angles(x, x)
    linalg.inv linalg.pinvh linalg.det linalg.eig linalg.eigh linalg.eigvals linalg.eigvalsh: {}(x.T @ x)
    linalg.expm linalg.logm linalg.sqrtm: {}(x.T @ x / 1e9)
    linalg.solve: linalg.solve(x.T @ x, x.T @ v)
    linalg.lstsq: linalg.lstsq(x, v)
    linalg.cholesky linalg.cho_factor: {}(x.T @ x + 1e9 * np.eye(3))
    linalg.cho_solve: linalg.cho_solve(linalg.cho_factor(np.eye(7)), v)
    linalg.solve_triangular: linalg.solve_triangular(np.eye(7), v)
    linalg.block_diag: linalg.block_diag(x, x)
    linalg.toeplitz linalg.circulant: {}(v)
    linalg.hadamard: linalg.hadamard(2)
    stats.spearmanr stats.pearsonr stats.kendalltau stats.ttest_ind stats.ttest_rel stats.mannwhitneyu: {}(v, v)
    stats.ks_2samp stats.levene stats.bartlett stats.linregress stats.theilslopes stats.kruskal: {}(v, v[::-1])
    stats.wasserstein_distance stats.energy_distance stats.f_oneway stats.pointbiserialr: {}(v, v[::-1])
    stats.chi2_contingency stats.somersd: {}(np.abs(x[:, 1:]) + 1)
    stats.wilcoxon stats.shapiro stats.normaltest stats.jarque_bera stats.entropy stats.probplot: {}(v)
    stats.chisquare: stats.chisquare(np.abs(v) + 1)
    stats.gaussian_kde stats.cumfreq stats.relfreq stats.sigmaclip stats.ecdf stats.boxcox_normmax: {}(np.abs(v) + 1)
    stats.mstats.winsorize: stats.mstats.winsorize(v, 0.2)
    stats.ttest_1samp stats.percentileofscore stats.scoreatpercentile: {}(v, 2)
    stats.kstest: stats.kstest(v, 'norm')
    stats.anderson: stats.anderson(v)
    stats.trim_mean stats.trimboth: {}(v, 0.2)
    stats.binned_statistic: stats.binned_statistic(v, v)
    stats.binned_statistic_2d: stats.binned_statistic_2d(v, v, v)
    stats.bootstrap: stats.bootstrap((v,), np.mean, n_resamples=9, rng=0)
    stats.permutation_test: stats.permutation_test((v, v), lambda a, b: a.mean() - b.mean(), n_resamples=9, rng=0)
    stats.binomtest: stats.binomtest(3, 7)
    stats.friedmanchisquare: stats.friedmanchisquare(v, v[::-1], v)
    stats.false_discovery_control: stats.false_discovery_control([0.1, 0.2])
    stats.multiscale_graphcorr: stats.multiscale_graphcorr(x, x, reps=1, random_state=0)
    spatial.distance.pdist: spatial.distance.pdist(x)
    spatial.distance.squareform: spatial.distance.squareform(spatial.distance.pdist(x))
    spatial.distance.euclidean spatial.distance.cosine spatial.distance.cityblock: {}(v, v + 1)
    spatial.distance.minkowski spatial.distance.correlation spatial.distance.chebyshev: {}(v, v + 1)
    spatial.distance.hamming spatial.distance.jaccard: {}(v > 2, v > 3)
    spatial.distance.jensenshannon: {}(np.abs(v), np.abs(v) + 1)
    spatial.distance.mahalanobis: {}(v, v + 1, np.eye(7))
    spatial.distance.directed_hausdorff: {}(x, z)
    spatial.distance.cdist: spatial.distance.cdist(x, z) | spatial.distance.cdist(x, x)
    cluster.hierarchy.linkage cluster.hierarchy.ward cluster.hierarchy.single: {}(x)
    cluster.hierarchy.complete cluster.hierarchy.average: {}(x)
    cluster.hierarchy.fcluster: cluster.hierarchy.fcluster(cluster.hierarchy.ward(x), 2)
    cluster.hierarchy.fclusterdata: cluster.hierarchy.fclusterdata(x, 2)
    cluster.hierarchy.cophenet cluster.hierarchy.leaves_list cluster.hierarchy.cut_tree: {}(cluster.hierarchy.ward(x))
    cluster.hierarchy.inconsistent: {}(cluster.hierarchy.ward(x))
    cluster.vq.kmeans cluster.vq.kmeans2: {}(x, x[:2])
    cluster.vq.vq: cluster.vq.vq(x, x[:2])
    ndimage.gaussian_filter ndimage.gaussian_filter1d ndimage.uniform_filter ndimage.uniform_filter1d: {}(v, 2)
    ndimage.median_filter ndimage.maximum_filter ndimage.minimum_filter: {}(v, 2)
    ndimage.convolve ndimage.convolve1d ndimage.correlate: {}(v, [1.0, 2.0])
    ndimage.sobel ndimage.laplace ndimage.label ndimage.binary_erosion ndimage.binary_dilation: {}(v)
    ndimage.binary_opening ndimage.binary_closing ndimage.binary_fill_holes ndimage.center_of_mass: {}(v)
    ndimage.distance_transform_edt: ndimage.distance_transform_edt(v)
    ndimage.zoom ndimage.shift: {}(v, 2)
    ndimage.rotate: ndimage.rotate(x, 90)
    ndimage.map_coordinates: ndimage.map_coordinates(v, [[0, 1]])
    signal.convolve signal.fftconvolve signal.correlate: {}(v, [1.0, 2.0])
    signal.convolve2d: signal.convolve2d(x, [[1.0]])
    signal.lfilter: signal.lfilter([1.0], [1.0, 0.5], v)
    signal.filtfilt: signal.filtfilt([1.0, 0.5], [1.0], v, padlen=0)
    signal.savgol_filter: signal.savgol_filter(v, 3, 1)
    signal.medfilt signal.detrend signal.hilbert signal.find_peaks signal.periodogram: {}(v)
    signal.welch signal.spectrogram signal.stft: {}(v, nperseg=4)
    signal.resample: signal.resample(v, 3)
    signal.decimate: signal.decimate(np.tile(v, 9), 2)
    signal.sosfilt: signal.sosfilt([[1, 0, 0, 1, 0, 0]], v)
    signal.sawtooth signal.square signal.gausspulse: {}(v)
    signal.chirp: signal.chirp(v, 1, 1, 2)
    fft.fft fft.ifft fft.rfft fft.irfft fft.dct fft.idct fft.fftshift fft.ifftshift: {}(v)
    fft.fft2 fft.ifft2: {}(x)
    fft.fftfreq fft.rfftfreq: {}(7)
    sparse.find sparse.tril sparse.triu sparse.linalg.norm: {}(m)
    sparse.kron: sparse.kron(m, m)
    sparse.block_diag: sparse.block_diag([m, m])
    sparse.bmat: sparse.bmat([[m], [m]])
    sparse.linalg.svds: sparse.linalg.svds(m, k=1)
    sparse.linalg.eigs sparse.linalg.eigsh: {}(m.T @ m, k=1)
    sparse.linalg.spsolve: sparse.linalg.spsolve(sparse.eye(7, format='csc'), v)
    sparse.linalg.inv: sparse.linalg.inv(sparse.eye(3, format='csc'))
    sparse.csgraph.connected_components sparse.csgraph.shortest_path sparse.csgraph.dijkstra: {}(m @ m.T)
    sparse.csgraph.minimum_spanning_tree sparse.csgraph.laplacian: {}(m @ m.T)
    sparse.csr_matrix sparse.csc_matrix sparse.coo_matrix sparse.lil_matrix sparse.dok_matrix: {}(x) | {}((3, 2))
    sparse.bsr_matrix sparse.csr_array sparse.csc_array sparse.coo_array sparse.lil_array: {}(x)
    sparse.dok_array sparse.bsr_array: {}(x)
    sparse.csr_matrix: sparse.csr_matrix(m) | sparse.csr_matrix((v, (np.arange(7), np.arange(7))))
    sparse.hstack sparse.vstack: {}([m, m]) | {}((m, sparse.csr_matrix(x)))
    sparse.eye sparse.identity sparse.eye_array: {}(3)
    sparse.random_array: {}((3, 3), rng=0)
    sparse.random: sparse.random(3, 3, random_state=0)
    sparse.rand: sparse.rand(3, 3, random_state=0)
    sparse.diags sparse.diags_array: {}([v], offsets=[0])
    sparse.spdiags: sparse.spdiags([v], 0, 7, 7)
    """
)
# What draws, reads and writes, or makes something that is no data.
NO_DATA = {
    "pandas": (pandas_models.quiet, opaque, pandas_models.drawn, pandas_models.read),
    "scipy": (numpy_models.nothing, opaque),
}
TABLES = {"pandas": (pandas_models.FUNCTIONS, PANDAS), "scipy": (scipy_models.FUNCTIONS, SCIPY)}
# In older releases only, and still in people's programs.
GONE = {
    ("pandas", "value_counts"),
    ("scipy", "misc.face"),
    ("scipy", "interpolate.interp2d"),
    ("pandas", "read_clipboard"),
}
OF_ANY_DISTRIBUTION = set("pdf logpdf cdf logcdf sf logsf isf ppf pmf logpmf rvs".split())
SILENT = {
    "factorize": "numbers in place of labels say nothing of other rows",
    "merge_asof": "",
}
MODULES = ("cluster", "fft", "linalg", "ndimage", "signal", "spatial", "special")


def example(library: str, line: str) -> Example:
    words = "".join(letter if letter.isalnum() or letter == "_" else " " for letter in line).split()
    tables = ("gaps", "sgaps", "holes", "mixed", "words", "days", "df", "x", "v", "s", "w", "m")
    given = next((name for name in tables if name in words), "df")
    imports = [
        f"import scipy.{name}" for name in ("cluster.hierarchy", "cluster.vq", "spatial.distance", "stats.mstats")
    ]
    imports += [f"from scipy import {name}" for name in MODULES if name in words]
    imports += (
        ["import scipy.sparse.linalg, scipy.sparse.csgraph"] if "csgraph" in words or "sparse.linalg" in line else []
    )
    imports = imports if library == "scipy" else []
    return Example(
        f"result = {line}", given, imports=tuple(line for line in imports if "from" in line or "sparse" in line)
    )


CASES = [
    (library, line, SILENT.get(name, ""))
    for library, (_, table) in TABLES.items()
    for name, lines in table.items()
    for line in lines
]


def resolved(library: str, name: str) -> object:
    """The function of that name, its module imported if need be."""
    parts = name.split(".")
    thing: object = importlib.import_module(library)
    for place, part in enumerate(parts):
        if not hasattr(thing, part):
            importlib.import_module(".".join([library, *parts[: place + 1]]))
        thing = getattr(thing, part)
    return thing


@pytest.mark.parametrize(
    ("library", "name"), [(library, name) for library, (models, _) in TABLES.items() for name in models]
)
def test_every_function_exists_and_has_examples(library: str, name: str) -> None:
    if (library, name) in GONE:
        return
    models, table = TABLES[library]
    if name not in OF_ANY_DISTRIBUTION:
        assert resolved(library, name) is not None
    assert models[name] in NO_DATA[library] or table.get(name), f"{name}: no example"


@pytest.mark.parametrize(("library", "line", "leave"), [pytest.param(*case, id=case[1]) for case in CASES])
def test_what_is_said_is_so(library: str, line: str, leave: str) -> None:
    """`leave`: why the model may say nothing of a statistic that is there."""
    assert falsehoods(example(library, line), leave) == []
