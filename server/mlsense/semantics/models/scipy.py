"""SciPy's functions, as far as they shape data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import constant
from mlsense.semantics.models import frames, numpy
from mlsense.semantics.models.effects import Call, Effect, apply, learned_in, opaque, own_rows, shaped_by
from mlsense.semantics.models.pandas import effect
from mlsense.semantics.regions import NO_ROWS, Overlap, overlap
from mlsense.semantics.values import Data, DataKind, TupleValue, Value, merge_learned

if TYPE_CHECKING:
    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model


def power(run: Run, call: Call) -> Value:
    """`boxcox(x)` finds the power and gives it back too; with a power it is element by element."""
    data = run.data(call.get(0, "x"))
    if data is None:
        return run.alloc(call.node, Data())
    kind = "array" if data.kind == "series" else data.kind
    told = call.get(1, "lmbda")
    if told is not None:
        known = constant(told) is not ... and constant(told) is not None
        rest = Call(call.node, [told], {})
        result = apply(run, Effect(), replace(data, kind=kind), rest, call.name)
        return run.alloc(call.node, result if known else Data(learned=result.learned))
    result = apply(run, Effect(learns=call.name), replace(data, kind=kind), Call(call.node, [], {}), call.name)
    number = Data(kind="scalar", rows=NO_ROWS, learned=result.learned)
    return TupleValue((run.alloc(call.node, result, "values"), run.alloc(call.node, number, "power")))


def standard_scores(run: Run, call: Call) -> Value:
    data = run.data(call.get(0, "a", "scores"))
    if data is None:
        return run.alloc(call.node, Data())
    kind: DataKind = "unknown" if data.kind in ("series", "frame") else data.kind
    rest = Call(call.node, call.args[1:], call.keywords)
    result = apply(run, Effect(learns=call.name, axis=0), replace(data, kind=kind), rest, call.name)
    return run.alloc(call.node, replace(result, kind=kind))


def shares(run: Run, call: Call) -> Value:
    """`softmax(x)`: shares of the whole, of each row with `axis=1`."""
    data = run.data(call.get(0, "x"))
    if data is None:
        return run.alloc(call.node, Data())
    rest = Call(call.node, call.args[1:], call.keywords)
    return run.alloc(call.node, apply(run, Effect(learns=call.name, axis=0, kind="array"), data, rest, call.name))


def reduced(run: Run, call: Call) -> Value:
    """A statistic of each column by default; `axis` stands at a place of its own in each of them."""
    data = run.data(call.get(0, "a", "x", "array"))
    if data is None:
        return run.alloc(call.node, Data())
    rest = Call(call.node, [], call.keywords)
    if len(call.args) > 1:
        return run.alloc(call.node, Data(learned=shaped_by(run, call)))
    return run.alloc(call.node, apply(run, Effect(rows="none", learns=call.name), data, rest, call.name))


def sparse(run: Run, call: Call) -> Value:
    """A table of numbers in another form; of cells and their places, or of a shape, rows of its own."""
    data = run.object(call.get(0, "arg1"))
    if isinstance(data, Data):
        return run.alloc(call.node, replace(data, kind="sparse", mask=None))
    return run.alloc(call.node, Data(kind="sparse", rows=own_rows(run, call), learned=shaped_by(run, call)))


def stacked(run: Run, call: Call) -> Value:
    """`hstack`, `vstack` of sparse matrices: columns beside columns, rows below rows."""
    first = call.get(0, "blocks")
    values = run.items_of(first) if first is not None else None
    if values is None:
        return run.alloc(call.node, Data(kind="sparse"))
    join = frames.beside if call.name == "hstack" else frames.concatenated
    value = join(run, list(values), call)
    thing = run.object(value)
    if isinstance(thing, Data):
        run.update(value, replace(thing, kind="sparse", columns=None))
    return value


def made(run: Run, call: Call) -> Value:
    """Constants and random numbers: rows of their own."""
    return run.alloc(call.node, Data(kind="sparse", rows=run.source(call.node, f"{call.name}(...)")))


def distances(run: Run, call: Call) -> Value:
    """`cdist(a, b)`: of each row to the rows of another table."""
    one, other = run.data(call.get(0, "XA")), run.data(call.get(1, "XB"))
    learned = merge_learned(*(learned_in(run, value) for value in call.args[:2]))
    apart = one is not None and other is not None and overlap(one.rows, other.rows) is Overlap.DISJOINT
    return run.alloc(
        call.node, Data(kind="array", rows=one.rows if apart and one is not None else None, learned=learned)
    )


def drawn(run: Run, call: Call) -> Value:
    """`distribution.rvs(...)`: random numbers."""
    return run.alloc(call.node, Data(rows=own_rows(run, call), learned=shaped_by(run, call)))


FUNCTIONS: dict[str, Model] = {
    **dict.fromkeys(["stats.zscore"], standard_scores),
    "cluster.vq.whiten": standard_scores,
    **dict.fromkeys(["stats.boxcox", "stats.yeojohnson"], power),
    "stats.rankdata": effect(Effect(learns="rankdata", kind="array")),
    **dict.fromkeys(
        """
            stats.skew stats.kurtosis stats.mode stats.sem stats.iqr stats.gmean stats.hmean stats.describe
            stats.median_abs_deviation stats.tmean stats.tvar stats.tstd stats.variation stats.moment
            """.split(),
        reduced,
    ),
    # Of any distribution: `stats.norm.cdf`, `stats.gamma.pdf`.
    **dict.fromkeys("pdf logpdf cdf logcdf sf logsf isf ppf pmf logpmf".split(), numpy.bare),
    "rvs": drawn,
    **dict.fromkeys(
        """
            special.expit special.logit special.erf special.erfc special.erfinv special.gamma special.gammaln
            special.comb special.factorial special.beta special.boxcox special.boxcox1p special.inv_boxcox
            special.inv_boxcox1p special.xlogy special.xlog1py special.exp10 special.cbrt special.expm1 special.log1p
            special.digamma special.ndtr special.ndtri special.huber special.rel_entr special.kl_div special.entr
            """.split(),
        numpy.elementwise,
    ),
    **dict.fromkeys("special.softmax special.log_softmax".split(), shares),
    **dict.fromkeys(
        """
            linalg.norm linalg.inv linalg.pinv linalg.pinvh linalg.det linalg.eig linalg.eigh linalg.eigvals
            linalg.eigvalsh linalg.svd linalg.svdvals linalg.solve linalg.lstsq linalg.qr linalg.cholesky linalg.lu
            linalg.expm linalg.logm linalg.sqrtm linalg.block_diag linalg.toeplitz linalg.orth linalg.cho_factor
            linalg.cho_solve linalg.solve_triangular linalg.hadamard linalg.circulant linalg.subspace_angles
            special.logsumexp stats.spearmanr stats.pearsonr stats.kendalltau stats.ttest_ind stats.ttest_rel
            stats.ttest_1samp stats.mannwhitneyu stats.wilcoxon stats.kruskal stats.f_oneway stats.chi2_contingency
            stats.chisquare stats.ks_2samp stats.kstest stats.shapiro stats.normaltest stats.anderson stats.jarque_bera
            stats.levene stats.bartlett stats.entropy stats.percentileofscore stats.scoreatpercentile stats.trim_mean
            stats.trimboth stats.linregress stats.theilslopes stats.pointbiserialr stats.wasserstein_distance
            stats.energy_distance stats.binned_statistic stats.binned_statistic_2d stats.bootstrap stats.probplot
            stats.gaussian_kde stats.boxcox_normmax stats.mstats.winsorize stats.permutation_test stats.binomtest
            stats.friedmanchisquare stats.somersd stats.cumfreq stats.relfreq stats.sigmaclip stats.ecdf
            stats.false_discovery_control stats.multiscale_graphcorr
            spatial.distance.pdist spatial.distance.squareform spatial.distance.euclidean spatial.distance.cosine
            spatial.distance.cityblock spatial.distance.mahalanobis spatial.distance.jensenshannon
            spatial.distance.minkowski spatial.distance.hamming spatial.distance.jaccard spatial.distance.correlation
            spatial.distance.chebyshev spatial.distance.directed_hausdorff
            cluster.hierarchy.linkage cluster.hierarchy.ward cluster.hierarchy.single cluster.hierarchy.complete
            cluster.hierarchy.average cluster.hierarchy.fcluster cluster.hierarchy.fclusterdata
            cluster.hierarchy.cophenet cluster.hierarchy.leaves_list cluster.hierarchy.cut_tree
            cluster.hierarchy.inconsistent cluster.vq.kmeans cluster.vq.kmeans2 cluster.vq.vq
            ndimage.gaussian_filter ndimage.gaussian_filter1d ndimage.uniform_filter ndimage.uniform_filter1d
            ndimage.median_filter ndimage.maximum_filter ndimage.minimum_filter ndimage.convolve ndimage.convolve1d
            ndimage.correlate ndimage.sobel ndimage.laplace ndimage.zoom ndimage.rotate ndimage.shift ndimage.label
            ndimage.binary_erosion ndimage.binary_dilation ndimage.binary_opening ndimage.binary_closing
            ndimage.binary_fill_holes ndimage.map_coordinates ndimage.distance_transform_edt ndimage.center_of_mass
            signal.convolve signal.convolve2d signal.fftconvolve signal.correlate signal.lfilter signal.filtfilt
            signal.savgol_filter signal.medfilt signal.detrend signal.resample signal.decimate signal.hilbert
            signal.find_peaks signal.welch signal.spectrogram signal.stft signal.periodogram signal.sosfilt
            signal.sawtooth signal.square signal.chirp signal.gausspulse
            fft.fft fft.ifft fft.rfft fft.irfft fft.fft2 fft.ifft2 fft.dct fft.idct fft.fftfreq fft.rfftfreq
            fft.fftshift fft.ifftshift
            sparse.find sparse.tril sparse.triu sparse.kron sparse.block_diag sparse.bmat sparse.linalg.svds
            sparse.linalg.eigs sparse.linalg.eigsh sparse.linalg.spsolve sparse.linalg.norm sparse.linalg.inv
            sparse.csgraph.connected_components sparse.csgraph.shortest_path sparse.csgraph.minimum_spanning_tree
            sparse.csgraph.dijkstra sparse.csgraph.laplacian
            """.split(),
        numpy.mixed,
    ),
    "spatial.distance.cdist": distances,
    **dict.fromkeys(
        """
            sparse.csr_matrix sparse.csc_matrix sparse.coo_matrix sparse.lil_matrix sparse.dok_matrix sparse.bsr_matrix
            sparse.csr_array sparse.csc_array sparse.coo_array sparse.lil_array sparse.dok_array sparse.bsr_array
            """.split(),
        sparse,
    ),
    **dict.fromkeys(["sparse.hstack", "sparse.vstack"], stacked),
    **dict.fromkeys(
        "sparse.eye sparse.eye_array sparse.identity sparse.random sparse.random_array sparse.rand".split(), made
    ),
    **dict.fromkeys(["sparse.diags", "sparse.diags_array", "sparse.spdiags"], numpy.mixed),
    **dict.fromkeys("sparse.issparse sparse.isspmatrix sparse.isspmatrix_csr sparse.save_npz".split(), numpy.nothing),
    **dict.fromkeys(
        """
            sparse.load_npz io.loadmat io.savemat io.wavfile.read io.wavfile.write io.arff.loadarff datasets.face
            datasets.ascent datasets.electrocardiogram misc.face
            cluster.hierarchy.dendrogram cluster.hierarchy.set_link_color_palette
            spatial.KDTree spatial.cKDTree spatial.ConvexHull spatial.Delaunay spatial.Voronoi
            spatial.transform.Rotation.from_rotvec spatial.transform.Rotation.from_euler
            optimize.minimize optimize.minimize_scalar optimize.curve_fit optimize.least_squares optimize.linprog
            optimize.linear_sum_assignment optimize.differential_evolution optimize.root optimize.brentq optimize.fsolve
            optimize.fmin optimize.fmin_l_bfgs_b optimize.nnls optimize.check_grad optimize.approx_fprime
            optimize.dual_annealing optimize.basinhopping optimize.newton optimize.bisect optimize.root_scalar
            interpolate.interp1d interpolate.interp2d interpolate.griddata interpolate.CubicSpline
            interpolate.UnivariateSpline interpolate.BSpline interpolate.RegularGridInterpolator interpolate.splrep
            interpolate.splev interpolate.make_interp_spline
            integrate.quad integrate.odeint integrate.solve_ivp integrate.simpson integrate.trapezoid integrate.dblquad
            signal.butter signal.firwin signal.get_window signal.unit_impulse signal.freqz
            stats.norm stats.uniform stats.randint stats.loguniform stats.reciprocal stats.expon stats.gamma stats.beta
            stats.lognorm stats.poisson stats.binom stats.geom stats.bernoulli stats.t stats.f stats.chi2 stats.laplace
            stats.logistic stats.cauchy stats.pareto stats.weibull_min stats.weibull_max stats.gumbel_r stats.triang
            stats.truncnorm stats.multivariate_normal stats.dirichlet stats.multinomial stats.nbinom stats.halfnorm
            stats.powerlaw stats.rayleigh stats.wishart stats.invwishart stats.skewnorm stats.genextreme stats.qmc.Sobol
            stats.qmc.LatinHypercube stats.qmc.Halton stats.qmc.scale stats.rv_discrete stats.rv_histogram
            sparse.linalg.LinearOperator
            """.split(),
        opaque,
    ),
}
