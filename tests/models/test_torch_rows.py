"""Every function, method, layer, loss and optimiser in PyTorch's tables is tried on real tensors.

Random numbers are drawn from the same seed in every run, so that what differs follows the rows that were changed.
"""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

from mlsense.semantics.models import torch as models
from mlsense.semantics.models import torch_data, torch_modules, torch_training
from mlsense.semantics.regions import NO_ROWS, Overlap, overlap
from mlsense.semantics.values import Data, Opaque
from models.observing import Example, examples, executed, falsehoods, followed, text

pytestmark = pytest.mark.torch
if find_spec("torch") is None:
    pytest.skip("torch is not installed", allow_module_level=True)

IMPORTS = (
    "import torch",
    "from torch import nn",
    "import torch.nn.functional as F",
    "from torch.utils import data",
    "torch.manual_seed(0)",
)

# --- functions ---------------------------------------------------------------------------------------

EXAMPLES = examples(
    """
    absolute acos acosh arccos arccosh asin asinh arcsinh atan atanh cosh exp2 erfc erfinv: torch.{}(t) | torch.{}(u)
    fix frac lgamma digamma logit sgn signbit sinc positive negative isnan isfinite isinf: torch.{}(t) | torch.{}(u)
    nan_to_num: torch.{}(t) | torch.{}(u)
    abs exp log log2 log10 log1p expm1 sqrt rsqrt square sin cos tan sinh sign neg: torch.{}(t) | torch.{}(u)
    reciprocal erf round floor ceil trunc logical_not sigmoid relu tanh clone detach: torch.{}(t) | torch.{}(u)
    bitwise_not: torch.bitwise_not(t.long())
    atan2 arctan2 greater greater_equal less less_equal not_equal logical_and: torch.{}(t, t) | torch.{}(u, u)
    logical_or: torch.{}(t, t)
    logical_xor true_divide floor_divide fmod remainder fmin fmax hypot logaddexp xlogy isclose: torch.{}(t, t)
    copysign: torch.{}(t, t)
    float_power: torch.float_power(t, 2)
    heaviside: torch.heaviside(t, torch.tensor(0.0, dtype=t.dtype))
    lerp: torch.lerp(t, t, 0.5)
    addcmul addcdiv: torch.{}(t, t, t)
    bitwise_and bitwise_or bitwise_xor: torch.{}(t.long(), t.long())
    clamp clip: torch.{}(t, 0, 4) | torch.{}(u, 0, u.mean())
    clamp_max: torch.clamp_max(t, 4)
    masked_fill: torch.masked_fill(t, t > 3, 0)
    add sub subtract mul multiply div divide pow eq ne gt ge: torch.{}(t, 2) | torch.{}(t, t) | torch.{}(u, u)
    lt le: torch.{}(t, 2) | torch.{}(t, t) | torch.{}(u, u)
    maximum minimum: torch.{}(t, t)
    where: torch.where(t > 2, t, 0.0) | torch.where(u > 2, u, u.mean()) | torch.where(t > 2)
    complex polar: torch.{}(t, t)
    view_as_complex: torch.view_as_complex(t[:, 1:].contiguous())
    view_as_real: torch.view_as_real(torch.complex(t, t))
    mean std var sum: torch.{}(t, dim=(0, 1))
    mean std var sum prod: torch.{}(t) | torch.{}(t, dim=0) | torch.{}(t, dim=1) | torch.{}(t, 1) | torch.{}(u)
        torch.{}(t, dim=-1)
    min max median mode: torch.{}(t, dim=0) | torch.{}(t, dim=1) | torch.{}(t, 1)
    argmax argmin nanmean nansum: torch.{}(t) | torch.{}(t, dim=0) | torch.{}(t, dim=1) | torch.{}(u) | torch.{}(t, 1)
    amax amin: torch.{}(t) | torch.{}(t, dim=0) | torch.{}(t, dim=1) | torch.{}(u)
    nanmedian: torch.nanmedian(t) | torch.nanmedian(u)
    logsumexp: torch.logsumexp(t, dim=0) | torch.logsumexp(t, dim=1) | torch.logsumexp(t, 1)
    norm: torch.norm(t) | torch.norm(u)
    all any count_nonzero: torch.{}(t > 2) | torch.{}(t > 2, dim=1)
    cumsum cumprod cummax cummin: torch.{}(t[:, 1:], dim=0) | torch.{}(t, dim=1)
    quantile nanquantile: torch.{}(t, 0.5) | torch.{}(t, 0.5, dim=0) | torch.{}(t, 0.5, dim=1) | torch.{}(u, 0.5)
    histc: torch.histc(u, 3)
    bincount: torch.bincount(u.long().abs())
    cov: torch.cov(t)
    trace: torch.trace(t)
    diff: torch.diff(t) | torch.diff(u) | torch.diff(t, dim=0)
    softmax log_softmax softmin: F.{}(t, dim=0) | F.{}(t, dim=1) | F.{}(t, dim=-1) | F.{}(t) | F.{}(t, 1)
    reshape: torch.reshape(t, (-1,)) | torch.reshape(u, (-1, 1)) | torch.reshape(t, (t.size(0), -1))
    squeeze: torch.squeeze(t) | torch.squeeze(t, 0)
    unsqueeze: torch.unsqueeze(t, 0) | torch.unsqueeze(t, 1)
    permute: torch.permute(t, (1, 0)) | torch.permute(t, (0, 1))
    transpose swapaxes swapdims: torch.{}(t, 0, 1)
    t: torch.t(t)
    flatten: torch.flatten(t) | torch.flatten(u) | torch.flatten(t, 1) | torch.flatten(t, start_dim=1)
    ravel: torch.ravel(t) | torch.ravel(u)
    argsort: torch.argsort(t) | torch.argsort(u)
    dropout alpha_dropout feature_alpha_dropout: torch.{}(t, 0.5, False) | torch.{}(t, p=0.5, train=False)
    dropout1d: F.dropout1d(t.reshape(7, 3, 1), training=False)
    dropout2d: F.dropout2d(t.reshape(7, 3, 1, 1), training=False)
    dropout3d: F.dropout3d(t.reshape(7, 3, 1, 1, 1), training=False)
    celu selu: torch.{}(t)
    hardshrink: torch.hardshrink(t)
    rrelu: torch.rrelu(t)
    prelu: torch.prelu(t, torch.tensor([0.2], dtype=t.dtype))
    threshold: torch.threshold(t, 1.0, 0.0)
    elu gelu leaky_relu relu6 silu mish logsigmoid softplus softsign softshrink: F.{}(t) | F.{}(u)
    hardsigmoid hardswish hardtanh tanhshrink: F.{}(t) | F.{}(u)
    one_hot: F.one_hot((u > 2).long()) | F.one_hot((u > 2).long(), num_classes=3)
    linear: F.linear(t, torch.ones(2, 3, dtype=t.dtype))
    bilinear: torch.bilinear(t, t, torch.ones(2, 3, 3, dtype=t.dtype), None)
    conv1d: torch.conv1d(t.unsqueeze(1), torch.ones(2, 1, 1, dtype=t.dtype))
    conv_transpose1d: torch.conv_transpose1d(t.unsqueeze(1), torch.ones(1, 2, 1, dtype=t.dtype))
    conv2d: torch.conv2d(t.unsqueeze(1).unsqueeze(1), torch.ones(2, 1, 1, 1, dtype=t.dtype))
    conv_transpose2d: torch.conv_transpose2d(t.unsqueeze(1).unsqueeze(1), torch.ones(1, 2, 1, 1, dtype=t.dtype))
    conv3d: torch.conv3d(t.reshape(7, 1, 1, 1, 3), torch.ones(2, 1, 1, 1, 1, dtype=t.dtype))
    conv_transpose3d: torch.conv_transpose3d(t.reshape(7, 1, 1, 1, 3), torch.ones(1, 2, 1, 1, 1, dtype=t.dtype))
    embedding: F.embedding((t[:, 1:] > 2).long(), torch.ones(2, 4))
    embedding_bag: F.embedding_bag((t > 2).long(), torch.ones(2, 4))
    max_pool1d avg_pool1d: F.{}(t.unsqueeze(1), 2)
    lp_pool1d: F.lp_pool1d(t.unsqueeze(1), 2.0, 2)
    max_pool2d avg_pool2d: F.{}(t.unsqueeze(1).unsqueeze(1), (1, 2))
    lp_pool2d: F.lp_pool2d(t.unsqueeze(1).unsqueeze(1), 2.0, (1, 2))
    max_pool3d avg_pool3d: F.{}(t.unsqueeze(1).unsqueeze(1).unsqueeze(1), (1, 1, 2))
    adaptive_avg_pool1d adaptive_max_pool1d: F.{}(t.unsqueeze(1), 1)
    adaptive_avg_pool2d adaptive_max_pool2d: F.{}(t.unsqueeze(1).unsqueeze(1), 1)
    adaptive_avg_pool3d adaptive_max_pool3d: F.{}(t.unsqueeze(1).unsqueeze(1).unsqueeze(1), 1)
    layer_norm rms_norm: F.{}(t, (3,))
    group_norm: F.group_norm(t, 1)
    instance_norm: F.instance_norm(t.unsqueeze(1))
    batch_norm: F.batch_norm(t, torch.zeros(3).double(), torch.ones(3).double())
    local_response_norm: F.local_response_norm(t.unsqueeze(2), 1)
    interpolate: F.interpolate(t.unsqueeze(1), 6)
    pixel_shuffle: F.pixel_shuffle(t[:, :1].repeat(1, 4).reshape(7, 4, 1, 1), 2)
    pixel_unshuffle: F.pixel_unshuffle(t[:, :1].repeat(1, 4).reshape(7, 1, 2, 2), 2)
    scaled_dot_product_attention: F.{}(t.unsqueeze(1), t.unsqueeze(1), t.unsqueeze(1))
    cosine_similarity pairwise_distance: F.{}(t, t + 1)
    bernoulli: torch.bernoulli((t > 3).double())
    unfold: F.unfold(t.reshape(7, 1, 1, 3), 1)
    fold: F.fold(t.reshape(7, 1, 3), (1, 3), 1)
    affine_grid: F.affine_grid(t.repeat(1, 2).reshape(7, 2, 3), (7, 1, 2, 2))
    grid_sample: F.grid_sample(t.reshape(7, 1, 1, 3), torch.zeros(7, 1, 1, 2).double())
    glu: F.glu(t[:, 1:])
    normalize: F.normalize(t) | F.normalize(t, dim=0) | F.normalize(t, dim=1)
    pad: F.pad(t, (1, 1)) | F.pad(t, (0, 0, 1, 1))
    gumbel_softmax: F.gumbel_softmax(t, dim=1)
    mm matmul: torch.{}(t, torch.ones(3, 2, dtype=t.dtype)) | torch.{}(t, nn.Parameter(torch.ones(3, 2, dtype=t.dtype)))
        torch.{}(t, t.T)
    mv: torch.mv(t, torch.ones(3, dtype=t.dtype))
    bmm: torch.bmm(t.unsqueeze(1), t.unsqueeze(2))
    broadcast_to: torch.broadcast_to(t, (2, 7, 3))
    tile: torch.tile(t, (2, 1))
    repeat_interleave: torch.repeat_interleave(t, 2, dim=0)
    gather: torch.gather(t, 1, torch.zeros(7, 1).long())
    scatter scatter_add: torch.{}(t, 1, torch.zeros(7, 1).long(), t)
    index_add index_copy: torch.{}(t, 0, torch.tensor([0]), t[:1])
    index_fill: torch.index_fill(t, 0, torch.tensor([0]), 1.0)
    index_select: torch.index_select(t, 0, torch.tensor([0, 2])) | torch.index_select(t, 1, torch.tensor([0, 2]))
    masked_scatter: torch.masked_scatter(t, t > 2, t)
    masked_select: torch.masked_select(t, t > 2)
    take_along_dim: torch.take_along_dim(t, torch.zeros(7, 1).long(), 1)
    flip: torch.flip(t, (0,))
    fliplr flipud tril triu diag diagonal diag_embed rot90: torch.{}(t)
    nonzero_static: torch.nonzero_static(t, size=2)
    roll: torch.roll(t, 1)
    outer inner ger vdot: torch.{}(u, u)
    kron: torch.kron(t, t)
    cross: torch.cross(t, t + 1, dim=1)
    addmm: torch.addmm(torch.zeros(7, 7).double(), t, t.T)
    addbmm: torch.addbmm(torch.zeros(1, 1).double(), t.unsqueeze(1), t.unsqueeze(2))
    baddbmm: torch.baddbmm(torch.zeros(7, 1, 1).double(), t.unsqueeze(1), t.unsqueeze(2))
    addmv: torch.addmv(u, t, torch.ones(3).double())
    addr: torch.addr(torch.zeros(7, 7).double(), u, u)
    multinomial: torch.multinomial(u.abs(), 2)
    movedim moveaxis: torch.{}(t, 0, 1)
    adjoint corrcoef: torch.{}(t)
    unflatten: torch.unflatten(t, 1, (3, 1))
    as_strided: torch.as_strided(t, (2,), (1,))
    inverse det logdet matrix_exp: torch.{}(t.T @ t / 1e9 + torch.eye(3).double())
    pinverse: torch.pinverse(t)
    cholesky: torch.linalg.cholesky(t.T @ t + 1e9 * torch.eye(3).double())
    matrix_power: torch.matrix_power(t.T @ t, 2)
    logcumsumexp: torch.logcumsumexp(t, 0)
    dist: torch.dist(t, t + 1)
    renorm: torch.renorm(t, 2, 0, 1.0)
    pdist: F.pdist(t)
    argwhere: torch.argwhere(t > 2)
    resolve_conj: torch.resolve_conj(t)
    narrow: torch.narrow(t, 0, 0, 2)
    select: torch.select(t, 0, 1)
    chunk split tensor_split: torch.{}(t, 3) | torch.{}(t, 2, dim=1)
    unbind: torch.unbind(t)
    hsplit: torch.hsplit(t, 3)
    vsplit: torch.vsplit(t, [2])
    dsplit: torch.dsplit(t.reshape(7, 1, 3), 3)
    split_with_sizes: torch.split_with_sizes(t, [3, 4])
    topk kthvalue: torch.{}(t, 2) | torch.{}(u, 2) | torch.{}(t, 2, dim=0) | torch.{}(t, 2, dim=1)
    sort: torch.sort(t) | torch.sort(t, dim=0) | torch.sort(u) | torch.sort(t, dim=1)
    msort: torch.msort(u)
    equal allclose: torch.{}(t, t)
    is_complex is_floating_point get_device: torch.{}(t)
    tensor as_tensor asarray: torch.{}(x) | torch.{}(v) | torch.{}([1.0, 2.0]) | torch.{}([[1, 2], [3, 4]])
        torch.{}(df.values)
    from_numpy: torch.from_numpy(x) | torch.from_numpy(df["a"].to_numpy())
    FloatTensor Tensor: torch.{}(x) | torch.{}([1.0, 2.0])
    LongTensor IntTensor BoolTensor: torch.{}([1, 0])
    zeros ones rand randn: torch.{}(7) | torch.{}(7, 3) | torch.{}(len(x), 2)
    empty: torch.empty(0)
    full: torch.full((7,), 1.0)
    randint: torch.randint(0, 3, (7,))
    eye hann_window hamming_window: torch.{}(3)
    normal: torch.normal(0.0, 1.0, (7,))
    zeros_like ones_like rand_like randn_like: torch.{}(t)
    empty_like: torch.empty_like(t[:0])
    full_like: torch.full_like(t, 1.0)
    randint_like: torch.randint_like(t, 3)
    arange: torch.arange(3) | torch.arange(len(t)) | t[torch.arange(len(t))]
    randperm: torch.randperm(7) | t[torch.randperm(len(t))] | t[torch.randperm(len(t))[:3]]
    linspace logspace: torch.{}(0, 1, 7)
    cat concat concatenate: torch.{}([t, t]) | torch.{}((t, torch.ones(2, 3, dtype=t.dtype)), dim=0)
        torch.{}([t, t], dim=1) | torch.{}([t, t], 1)
    stack: torch.stack([u, u]) | torch.stack([u, u], dim=1)
    vstack hstack: torch.{}([t, t]) | torch.{}([u, u])
    """
)


def functions() -> list[Example]:
    names = [name.rpartition(".")[2] for name, model in models.FUNCTIONS.items() if model in CLAIMING]
    codes = dict.fromkeys(code for name in names for code in EXAMPLES.get(name, []))
    return [Example(f"result = {code}", given_in(code), imports=IMPORTS) for code in codes]


def given_in(code: str) -> str:
    """The table whose rows are watched: the first one that is named."""
    words = "".join(letter if letter.isalnum() else " " for letter in code).split()
    return next((word for word in words if word in ("t", "u", "x", "v", "df")), "x")


CLAIMING = (
    models.by_method, models.tensor, models.filled, models.alike, models.spanned, models.joined, models.together,
)  # fmt: skip
# A statistic that is there, of which the model says nothing, and why.
SILENT = {
    **dict.fromkeys("cumsum cumprod cummax cummin".split(), "takes values of rows before it: an order, no statistic"),
    "batch_norm": "what a batch's mean does to its rows ends with the batch",
}


@pytest.mark.parametrize("example", functions(), ids=str)
def test_what_is_claimed_of_a_function_is_true(example: Example) -> None:
    silent = next((why for name, why in SILENT.items() if name in example.code), "")
    assert falsehoods(example, silent) == []


def test_every_function_that_claims_something_is_tried() -> None:
    names = {name.rpartition(".")[2] for name, model in models.FUNCTIONS.items() if model in CLAIMING}
    assert names - EXAMPLES.keys() == set()


# --- layers --------------------------------------------------------------------------------------------

SIZES = {1: "t.reshape(7, 3, 1).repeat(1, 1, 8)", 2: "t.reshape(7, 3, 1, 1).repeat(1, 1, 8, 8)",
         3: "t.reshape(7, 3, 1, 1, 1).repeat(1, 1, 8, 8, 8)"}  # fmt: skip
# How a layer is made, and what it is given, where that is not `nn.Layer()(t)`.
MADE = {
    "Linear": "3, 5", "LazyLinear": "5", "Bilinear": "3, 3, 5", "Embedding": "3, 5", "EmbeddingBag": "3, 5",
    "Softmax": "dim=1", "LogSoftmax": "dim=1", "Softmin": "dim=1", "GLU": "dim=1", "Unflatten": "1, (3, 1)",
    "LayerNorm": "3", "GroupNorm": "1, 3", "RMSNorm": "3", "LocalResponseNorm": "1", "Fold": "(1, 3), 1", "Unfold": "1",
    "PixelShuffle": "2", "PixelUnshuffle": "2", "ChannelShuffle": "1", "Upsample": "scale_factor=2",
    "UpsamplingBilinear2d": "scale_factor=2", "UpsamplingNearest2d": "scale_factor=2", "RNN": "3, 5, batch_first=True",
    "GRU": "3, 5, batch_first=True", "LSTM": "3, 5, batch_first=True", "RNNCell": "3, 5", "GRUCell": "3, 5",
    "LSTMCell": "3, 5", "MultiheadAttention": "3, 1, batch_first=True", "Threshold": "1.0, 0.0",
    "TransformerEncoderLayer": "3, 1, batch_first=True", "TransformerDecoderLayer": "3, 1, batch_first=True",
    "Transformer": "3, 1, 1, 1, batch_first=True", "TransformerEncoder": "nn.TransformerEncoderLayer(3, 1), 1",
    "TransformerDecoder": "nn.TransformerDecoderLayer(3, 1), 1", "SyncBatchNorm": "3",
    "FractionalMaxPool2d": "2, output_size=2", "FractionalMaxPool3d": "2, output_size=2",
}  # fmt: skip
GIVEN = {
    "Bilinear": "t, t", "CosineSimilarity": "t, t + 1", "PairwiseDistance": "t, t + 1", "GLU": "t[:, 1:]",
    "Embedding": "(t > 2).long()", "EmbeddingBag": "(t > 2).long()", "Fold": "t.reshape(7, 1, 3)",
    "Unfold": "t.reshape(7, 1, 1, 3)", "PixelShuffle": "t.reshape(7, 3, 1, 1).repeat(1, 4, 1, 1)",
    "PixelUnshuffle": SIZES[2], "ChannelShuffle": SIZES[2], "Softmax2d": SIZES[2], "Upsample": SIZES[1],
    "UpsamplingBilinear2d": SIZES[2], "UpsamplingNearest2d": SIZES[2], "LocalResponseNorm": SIZES[1],
    "MultiheadAttention": ", ".join(["t.unsqueeze(1)"] * 3), "TransformerEncoderLayer": "t.unsqueeze(1)",
    "TransformerDecoderLayer": "t.unsqueeze(1), t.unsqueeze(1)", "Transformer": "t.unsqueeze(1), t.unsqueeze(1)",
    "TransformerEncoder": "t.unsqueeze(1)", "TransformerDecoder": "t.unsqueeze(1), t.unsqueeze(1)",
    "RNN": "t.unsqueeze(1)", "GRU": "t.unsqueeze(1)", "LSTM": "t.unsqueeze(1)", "BatchNorm1d": "t",
    "LazyBatchNorm1d": "t", "Dropout1d": SIZES[1], "Dropout2d": SIZES[2], "Dropout3d": SIZES[3],
}  # fmt: skip


def dimensions(name: str) -> int | None:
    return int(name[-2]) if name[-2:] in ("1d", "2d", "3d") else None


def made(name: str) -> str:
    """The arguments of a layer."""
    if name in MADE:
        return MADE[name]
    if "Conv" in name:
        return "5, 1" if name.startswith("Lazy") else "3, 5, 1"
    if "Norm" in name:
        return "" if name.startswith("Lazy") else "3"
    if "Adaptive" in name:
        return "1"
    if "LPPool" in name:
        return "2.0, 2"
    return "1, 0.0" if name.startswith("ConstantPad") else "1" if "Pad" in name else "2" if "Pool" in name else ""


def layer_example(name: str) -> Example:
    given = GIVEN.get(name) or SIZES.get(dimensions(name) or 0, "t")
    if "Upsampling" in name or name in ("Softmax2d",):
        given = SIZES[2]
    lines = f"layer = nn.{name}({made(name)}).double().eval()\nresult = layer({given})"
    return Example(lines, "t", imports=IMPORTS)


@pytest.mark.parametrize("name", torch_modules.LAYERS)
def test_what_is_claimed_of_a_layer_is_true(name: str) -> None:
    assert falsehoods(layer_example(name)) == []


@pytest.mark.parametrize("name", torch_modules.LAYERS)
def test_a_layer_has_as_many_units_as_is_said(name: str) -> None:
    program = text(layer_example(name))
    thing = followed(program)["result"].object
    layer = torch_modules.LAYERS[name]
    real = executed(program)["result"]
    if layer.gives == "pair":
        assert isinstance(real, tuple)
        assert len(real) == 2
        return
    assert isinstance(thing, Data)
    assert thing.kind == "tensor"
    said = thing.operation
    assert (said.name if said is not None else "") == layer.operation
    if said is not None and said.units is not None:
        assert said.units == real.shape[-1 if layer.operation in ("linear", "bilinear", "transformer") else 1]


def test_what_comes_through_a_network_is_what_is_said() -> None:
    program = """import torch
from torch import nn
import torch.nn.functional as F
class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.5))
        self.last = nn.Linear(8, classes)
    def forward(self, x):
        return F.log_softmax(self.last(self.body(x)), dim=1)
net = Net(3).eval()
x = torch.rand(6, 4)
result = net(x).detach()
result
"""
    said = followed(program)["result"].object
    real = executed(program)["result"]
    assert isinstance(said, Data)
    assert said.operation is not None
    assert (said.operation.name, said.operation.units) == ("log_softmax", real.shape[1])
    assert real.exp().sum(dim=1).numpy() == pytest.approx(1)


@pytest.mark.parametrize("name", sorted({*torch_modules.LISTS, *torch_modules.DICTS}))
def test_a_container_holds_what_it_is_given(name: str) -> None:
    one, two = ("nn.Linear(2, 2)", "nn.ReLU()") if name.startswith(("M", "S")) else ("torch.ones(1)", "torch.ones(2)")
    held = f"{one}, {two}" if name == "Sequential" else f"[{one}, {two}]"
    if name in torch_modules.DICTS:
        held = f"{{'a': {one}, 'b': {two}}}"
    names = executed(f"from torch import nn\nimport torch\nresult = nn.{name}({held})\nsize = len(result)\n")
    assert names["size"] == 2
    first = "'a'" if name in torch_modules.DICTS else "0"
    seen = followed(f"from torch import nn\nimport torch\nresult = nn.{name}({held})\nfirst = result[{first}]\nfirst\n")
    thing = seen["first"].object
    assert isinstance(thing, Data) if name.startswith("P") else isinstance(thing, Opaque)


# --- losses --------------------------------------------------------------------------------------------

CLASSES = "torch.tensor([0, 1, 2, 0, 1, 2, 0])"
TARGETS = {
    "CrossEntropyLoss": CLASSES, "NLLLoss": CLASSES, "MultiMarginLoss": CLASSES,
    "MultiLabelMarginLoss": "torch.zeros(7, 3).long()", "SoftMarginLoss": "torch.ones(7, 3)",
    "HingeEmbeddingLoss": "torch.ones(7, 3)", "GaussianNLLLoss": "t, torch.ones(7, 3)",
    "CosineEmbeddingLoss": "t, torch.ones(7)", "MarginRankingLoss": "t, torch.ones(7, 3)",
    "TripletMarginLoss": "t, t", "TripletMarginWithDistanceLoss": "t, t",
    "CTCLoss": "torch.ones(1, 1).long(), torch.tensor([7]), torch.tensor([1])",
}  # fmt: skip


def loss_calls(name: str) -> list[str]:
    given = "t.unsqueeze(1)" if name == "CTCLoss" else "torch.sigmoid(t)" if name == "BCELoss" else "t"
    target = TARGETS.get(name, "torch.ones(7, 3).double()")
    return [f"nn.{name}()({given}, {target})", f"F.{torch_modules.LOSSES[name]}({given}, {target})"]


@pytest.mark.parametrize("code", [code for name in torch_modules.LOSSES for code in loss_calls(name)])
def test_a_loss_is_one_number(code: str) -> None:
    example = Example(f"result = {code}", "t", imports=IMPORTS)
    assert falsehoods(example, "a loss is a score, and shapes no values") == []


# --- optimisers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", torch_training.OPTIMIZERS)
def test_an_optimiser_steps_the_module_it_is_said_to_step(name: str) -> None:
    """Its weights change, and those of another module do not."""
    layer = "nn.Embedding(4, 2, sparse=True)" if name == "SparseAdam" else "nn.Linear(4, 2)"
    x = "torch.tensor([0, 1])" if name == "SparseAdam" else "torch.rand(2, 4)"
    parameters = "[net.weight]" if name == "Muon" else "net.parameters()"
    program = f"""import torch
from torch import nn
net, other = {layer}, {layer}
before = net.weight.detach().clone(), other.weight.detach().clone()
optimizer = torch.optim.{name}({parameters}, lr=0.5)
(net({x}).sum() + other({x}).sum()).backward()
optimizer.step({"lambda: net(" + x + ").sum()" if name == "LBFGS" else ""})
changed = not torch.equal(before[0], net.weight), not torch.equal(before[1], other.weight)
optimizer
net
"""
    assert executed(program)["changed"] == (True, False)
    seen = followed(program)
    thing = seen["optimizer"].object
    assert isinstance(thing, Opaque)
    assert thing.parts == (() if name == "Muon" else (seen["net"].value,))


SCHEDULED = {
    "StepLR": "1", "MultiStepLR": "[1]", "ExponentialLR": "0.5", "CosineAnnealingLR": "3", "PolynomialLR": "3",
    "CosineAnnealingWarmRestarts": "3", "OneCycleLR": "0.1, total_steps=9", "LambdaLR": "lambda epoch: 0.5",
    "CyclicLR": "0.1, 0.5", "SequentialLR": "[torch.optim.lr_scheduler.StepLR(optimizer, 1)], []",
    "MultiplicativeLR": "lambda epoch: 0.5", "LinearLR": "", "ConstantLR": "", "ReduceLROnPlateau": "",
}  # fmt: skip


@pytest.mark.parametrize("name", torch_training.SCHEDULERS)
def test_a_scheduler_is_of_its_optimiser(name: str) -> None:
    chained = "[torch.optim.lr_scheduler.StepLR(optimizer, 1)]"
    given = chained if name == "ChainedScheduler" else f"optimizer, {SCHEDULED[name]}".removesuffix(", ")
    program = f"""import torch
from torch import nn
optimizer = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=0.1, momentum=0.9)
scheduler = torch.optim.lr_scheduler.{name}({given})
scheduler
optimizer
"""
    real = executed(program)
    seen = followed(program)
    thing = seen["scheduler"].object
    assert isinstance(thing, Opaque)
    if name != "ChainedScheduler":
        assert real["scheduler"].optimizer is real["optimizer"]
        assert thing.parts == (seen["optimizer"].value,)


@pytest.mark.parametrize("name", torch_training.SWITCHES)
def test_a_switch_says_whether_gradients_are_recorded(name: str) -> None:
    recorded = torch_training.SWITCHES[name]
    given = "False" if recorded is None else ""
    program = f"import torch\nwith torch.{name}({given}):\n    result = torch.is_grad_enabled()\n"
    assert executed(program)["result"] is bool(recorded)


# --- data sets -----------------------------------------------------------------------------------------

DATA = """import torch
from torch.utils import data
whole = data.TensorDataset(torch.rand(20, 1), torch.arange(20))
"""
PARTS = {
    "one, two = data.random_split(whole, [15, 5])": True,
    "one, two = data.random_split(whole, [0.5, 0.5], generator=torch.Generator().manual_seed(1))": True,
    "one, two = data.Subset(whole, [1, 2]), data.Subset(whole, [2, 3])": False,
    "one, two = whole, data.Subset(whole, [2, 3])": False,
    "one, two = whole, data.random_split(whole, [15, 5])[0]": False,
}


@pytest.mark.parametrize(("parting", "apart"), PARTS.items())
def test_parts_said_to_be_disjoint_are_so(parting: str, apart: bool) -> None:
    program = f"{DATA}{parting}\none\ntwo\n"
    names = executed(program)
    rows = [{int(item[1]) for item in names[name]} for name in ("one", "two")]
    seen = [followed(program)[name].object for name in ("one", "two")]
    found = overlap(*(thing.rows if isinstance(thing, Data) else NO_ROWS for thing in seen))
    assert apart is not bool(rows[0] & rows[1])
    assert found is not (Overlap.OVERLAP if apart else Overlap.DISJOINT)
    assert not apart or found is Overlap.DISJOINT


def test_a_loader_goes_through_the_rows_it_is_said_to_go_through() -> None:
    program = f"""{DATA}
train, test = data.random_split(whole, [15, 5])
loader = data.DataLoader(test, batch_size=2)
seen = [int(y) for _, labels in loader for y in labels]
for inputs, labels in loader:
    inputs
test
loader
"""
    names = executed(program)
    assert sorted(names["seen"]) == sorted(int(item[1]) for item in names["test"])
    said = followed(program)
    loader, inputs, test = (said[name].object for name in ("loader", "inputs", "test"))
    assert isinstance(loader, Opaque)
    assert isinstance(inputs, Data)
    assert isinstance(test, Data)
    assert loader.rows == test.rows
    assert inputs.rows is not None
    assert test.rows is not None
    assert inputs.rows.parts[0].path[:-1] == test.rows.parts[0].path


@pytest.mark.parametrize("name", sorted({*torch_data.BY_TRAIN, *torch_data.BY_SPLIT}))
def test_torchvision_names_the_part_as_it_is_said(name: str) -> None:
    """Its text is read: it cannot be imported beside every build of PyTorch."""
    found = find_spec("torchvision")
    if found is None or found.origin is None:
        pytest.skip("torchvision is not installed")
    classes = {
        node.name: node
        for file in (Path(found.origin).parent / "datasets").glob("*.py")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    }
    names: list[str] = []
    cls: ast.ClassDef | None = classes[name]
    while cls is not None and not names:
        made = [part for part in cls.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"]
        names = [argument.arg for part in made for argument in part.args.args]
        cls = next((classes[base.id] for base in cls.bases if isinstance(base, ast.Name) and base.id in classes), None)
    assert names[2] == ("train" if name in torch_data.BY_TRAIN else "split")
