"""How the snippets of deep learning are tried out: networks really trained, for seconds, that beat chance by far.

Data: scikit-learn's wines and digits, the sunspots of statsmodels, and as texts the first sentences of the
documentation of SciPy's and pandas' functions, which a network has to tell apart.
"""

from __future__ import annotations

from typing import Any

from mlsense.snippets.packs import snippets
from mlsense.snippets.syntax import expanded
from snippets.running import Case


def text(prefix: str) -> str:
    """What a snippet inserts: others are tried out below it, as a user puts them together."""
    return next(expanded(each.body) for each in snippets() if each.prefix == prefix)


def torch(before: str = "", after: str = "", **more: Any) -> Case:
    return Case(before, after, environment="snippets-torch", **more)


# torchvision's wheel is made for GPUs. Without them it cannot load its operators, and asks of two whether they exist.
TORCHVISION = """\
import torch

if not torch.cuda.is_available():
    operators = torch.library.Library("torchvision", "FRAGMENT")
    for operator in ("nms", "qnms"):
        operators.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
"""
WINE = """\
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

X, y = load_wine(return_X_y=True, as_frame=True)
X_rest, X_test, y_rest, y_test = train_test_split(X, y, stratify=y, random_state=0)
X_train, X_val, y_train, y_val = train_test_split(X_rest, y_rest, stratify=y_rest, random_state=0)
"""
DIABETES = """\
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
y = (y - 150) / 75
X_train, X_val, y_train, y_val = train_test_split(X, y, random_state=0)
"""
IMAGES = """\
from pathlib import Path

import pandas as pd
from PIL import Image
from sklearn.datasets import load_digits

digits = load_digits()
rows = []
for number, (pixels, label) in enumerate(zip(digits.images[:800], digits.target[:800])):
    path = Path("images", "train" if number < 600 else "val", str(label), f"{number}.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray((pixels * 15).astype("uint8")).save(path)
    rows.append({"path": str(path.relative_to("images")), "target": int(label)})
train_df = pd.DataFrame(rows[:600])
"""
TEXTS = """\
import inspect

import pandas as pd
import scipy.stats
from sklearn.model_selection import train_test_split


def sentences(owner):
    found = (inspect.getdoc(getattr(owner, name)) for name in dir(owner) if not name.startswith("_"))
    return sorted({doc.split("\\n\\n")[0].replace("\\n", " ") for doc in found if doc})


found = {0: sentences(scipy.stats), 1: sentences(pd.DataFrame) + sentences(pd.Series.str) + sentences(pd.Timestamp)}
df = pd.DataFrame([(text, label) for label, texts in found.items() for text in texts], columns=["text", "target"])
df = df.drop_duplicates("text")
train_df, val_df = train_test_split(df, test_size=0.25, stratify=df["target"], random_state=0)
"""
SUNSPOTS = """\
from statsmodels.datasets import sunspots

df = sunspots.load_pandas().data.rename(columns={"SUNACTIVITY": "target"})
"""
TABLE = WINE + text("ml-torch-data-tabular")
TABLE_MODEL = TABLE + text("ml-torch-model-tabular")
TRAINED = TABLE_MODEL + text("ml-torch-train")
NUMBERS = DIABETES + text("ml-torch-data-tabular").replace("int64", "float32")
FOLDER = TORCHVISION + IMAGES + text("ml-torch-data-image")
# What the download of the weights would leave behind, where it looks first.
RESNET = """
from torchvision.models import ResNet18_Weights, resnet18

torch.manual_seed(0)
path = Path("torch-home", "hub", "checkpoints", Path(ResNet18_Weights.DEFAULT.url).name)
path.parent.mkdir(parents=True)
torch.save(resnet18(weights=None).state_dict(), path)
"""
ACCURACY = """
hits = []
model.eval()
with torch.no_grad():
    for inputs, labels in {loader}:
        hits.append((model(inputs.to(device)).argmax(dim=1).cpu() == labels).float())
share = torch.cat(hits).mean().item()
assert share > {least}, share
"""
TRAIN = f"\n{text('ml-torch-train')}\n"

CASES = {
    "ml-torch-device": torch(after="assert torch.zeros(1, device=device).device.type == device.type", prints=" on "),
    "ml-torch-data-tabular": torch(
        WINE,
        """\
seen = torch.cat([inputs for inputs, _ in train_loader])
assert len(seen) == len(X_train) and seen.mean(dim=0).abs().max() < 1e-5
assert torch.equal(torch.cat([labels for _, labels in val_loader]), torch.tensor(y_val.to_numpy()))
""",
    ),
    "ml-torch-data-image": torch(
        TORCHVISION + IMAGES,
        """\
inputs, labels = next(iter(val_loader))
assert inputs.shape == (128, 3, 32, 32) and inputs.std() > 0.5 and len(val_set) == 200
assert not torch.equal(train_set[0][0], train_set[0][0]) and torch.equal(val_set[0][0], val_set[0][0])
""",
        prints="600 images of 10 classes",
    ),
    "ml-torch-dataset": torch(
        TORCHVISION + IMAGES,
        """\
inputs, labels = next(iter(train_loader))
assert inputs.shape == (32, 3, 32, 32) and 0 <= inputs.min() < inputs.max() <= 1
assert sorted(label for _, labels in train_loader for label in labels.tolist()) == sorted(train_df["target"])
""",
    ),
    "ml-torch-data-text": torch(
        TEXTS,
        """\
seen = {word for text in train_df["text"] for word in words(text)}
assert set(vocabulary) < seen and min(vocabulary.values()) == 2
assert encode("zyzzyva of").tolist() == [1, vocabulary["of"]] and encode("").tolist() == [1]
tokens, labels = next(iter(val_loader))
assert len(tokens) == len(labels) == 32 and (tokens == 0).any()
assert sum(len(labels) for _, labels in train_loader) == len(train_df)
""",
    ),
    "ml-torch-data-sequence": torch(
        SUNSPOTS,
        """\
inputs, targets = next(iter(val_loader))
assert inputs.shape == (len(values) - cut, 24, 1) and len(targets) == len(values) - cut
assert torch.equal(targets, scaled[cut:]) and torch.equal(inputs[1, -1, 0], targets[0])
assert len(train_loader.dataset) == cut - 24
""",
    ),
    "ml-torch-model-tabular": torch(TABLE, TRAIN + "assert accuracy > 0.9, accuracy"),
    "ml-torch-model-image": torch(FOLDER, TRAIN + "assert accuracy > 0.5, accuracy"),
    "ml-torch-model-text": torch(TEXTS + text("ml-torch-data-text"), TRAIN + "assert accuracy > 0.85, accuracy"),
    "ml-torch-model-sequence": torch(
        SUNSPOTS + text("ml-torch-data-sequence"),
        f"{text('ml-torch-train-number')}\n"
        "naive = (scaled[cut:] - scaled[cut - 1 : -1]).abs().mean().item()\n"
        "assert error < 0.9 * naive, (error, naive)",
    ),
    "ml-torch-train": torch(TABLE_MODEL, "assert accuracy > 0.9 and not model.training", prints="10: loss 0."),
    "ml-torch-train-number": torch(
        NUMBERS + text("ml-torch-model-tabular").replace("outputs=3", "outputs=1"),
        "naive = (y_val - y_train.mean()).abs().mean()\nassert error < 0.85 * naive, (error, naive)",
        prints="20: mean absolute error",
    ),
    "ml-torch-early-stopping": torch(
        TABLE_MODEL,
        ACCURACY.format(loader="val_loader", least=0.9) + "assert best_epoch < epoch < 100\n"
        "assert all(torch.equal(each, best_weights[name]) for name, each in model.state_dict().items())",
        prints="best of ",
    ),
    "ml-torch-checkpoint": torch(
        TABLE_MODEL,
        # A run that is cut off after 4 epochs and goes on ends with the weights of one without a break.
        "ended = {name: each.clone() for name, each in model.state_dict().items()}\npath.unlink()\n"
        + text("ml-torch-data-tabular")
        + text("ml-torch-model-tabular")
        + text("ml-torch-checkpoint").replace("range(done + 1, epochs + 1)", "range(1, 5)")
        + "\ntorch.manual_seed(0)\nmodel = TableNet(X_train.shape[1], 3)\n"
        + text("ml-torch-checkpoint")
        + "\nassert done == 4 and epoch == 10 and not list(Path().glob('*.part'))\n"
        "assert all(torch.equal(each, ended[name]) for name, each in model.state_dict().items())",
        prints="goes on after epoch 4",
    ),
    "ml-torch-amp": torch(
        TABLE_MODEL, ACCURACY.format(loader="val_loader", least=0.9) + "assert not half", prints="10: loss 0."
    ),
    "ml-torch-accumulate": torch(
        TABLE_MODEL,
        ACCURACY.format(loader="val_loader", least=0.85) + "assert scheduler.last_epoch == epochs * steps == 10",
    ),
    "ml-torch-imbalance": torch(
        WINE,
        "import pandas as pd\n\n"
        "assert abs((y_train.map(dict(enumerate(weights)))).groupby(y_train).sum().std()) < 1e-6\n"
        "assert loss_function(torch.zeros(2, 3), torch.tensor([0, 1])) > 0",
        prints="{0: ",
    ),
    "ml-torch-transfer": torch(
        FOLDER + RESNET,
        ACCURACY.format(loader="val_loader", least=0.4)
        + """
before = torch.load(path)
assert all(torch.equal(each, before[name]) for name, each in model.state_dict().items() if "fc" not in name)
""",
        variables={"TORCH_HOME": "torch-home"},
        prints="5: loss",
    ),
    "ml-torch-finetune": torch(
        FOLDER + "\n".join((RESNET.split("torch.save")[0], "model = resnet18(weights=None, num_classes=10)\n")),
        "share = correct / len(val_set)\nassert share > 0.3, share\n"
        "assert optimizer.param_groups[0]['lr'] * 10 == optimizer.param_groups[1]['lr']\n"
        "assert sum(len(group['params']) for group in optimizer.param_groups) == len(list(model.parameters()))",
    ),
    "ml-torch-evaluate": torch(
        TRAINED + "\ntest_loader = DataLoader(data_set(X_test, y_test), batch_size=64)\n",
        "assert (y_true == y_test.to_numpy()).all() and (y_true == y_pred).mean() > 0.9",
        prints="macro avg",
    ),
    "ml-torch-predict": torch(
        TRAINED,
        "assert (y_pred == y_test.to_numpy()).mean() > 0.9 and abs(probabilities.sum(axis=1) - 1).max() < 1e-5",
        prints="45 rows, ",
    ),
    "ml-torch-save": torch(
        TRAINED,
        "inputs, _ = next(iter(val_loader))\nmodel.eval()\n"
        "assert torch.equal(loaded(inputs), model(inputs)) and not loaded.training",
        prints="parameters",
    ),
    "ml-torch-script": torch(
        WINE + "\nX.assign(target=y.map('cultivar {}'.format)).to_csv('wine.csv', index=False)\n",
        """\
saved = torch.load("model.pt", weights_only=True)
assert saved["columns"] == list(X) and saved["classes"] == ["cultivar 0", "cultivar 1", "cultivar 2"]
rows = (torch.tensor(X.to_numpy()) - torch.tensor(saved["mean"])) / torch.tensor(saved["scale"])
again = network(13, 3)
again.load_state_dict(saved["weights"])
assert (again.eval()(rows.float()).argmax(dim=1).numpy() == y).mean() > 0.95
""",
        name="train.py",
        arguments=("wine.csv", "target"),
        prints="accuracy on the test rows",
    ),
}
