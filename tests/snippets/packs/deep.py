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


def keras(before: str = "", after: str = "", **more: Any) -> Case:
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    return Case(before, after, environment="snippets-tensorflow", variables=quiet, **more)


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
# What a model of the hub is once it is downloaded, but small and untrained: `from_pretrained` takes such a folder, too.
LANGUAGE = """
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import {kind}Config, {model}, PreTrainedTokenizerFast

torch.manual_seed(0)
words = Tokenizer(models.WordPiece(unk_token="[UNK]"))
words.normalizer = normalizers.Lowercase()
words.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
special = {{f"{{each}}_token": f"[{{each.upper()}}]" for each in ("pad", "unk", "cls", "sep", "mask")}}
learner = trainers.WordPieceTrainer(vocab_size=1500, special_tokens=list(special.values()))
words.train_from_iterator(train_df["text"], learner)
folder = "{name}"
PreTrainedTokenizerFast(tokenizer_object=words, model_max_length=256, **special).save_pretrained(folder)
{model}({kind}Config(vocab_size=1500, {sizes})).save_pretrained(folder)
"""
DISTILBERT = LANGUAGE.format(
    kind="DistilBert",
    model="DistilBertModel",
    name="distilbert/distilbert-base-uncased",
    sizes="dim=64, hidden_dim=128, n_heads=2, n_layers=1",
)
MINI = LANGUAGE.format(
    kind="Bert",
    model="BertModel",
    name="sentence-transformers/all-MiniLM-L6-v2",
    sizes="hidden_size=64, intermediate_size=128, num_attention_heads=2, num_hidden_layers=1",
)
VISION = """
import torch
from transformers import ResNetConfig, ResNetForImageClassification, ViTImageProcessor

torch.manual_seed(0)
folder = "microsoft/resnet-18"
ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
small = ResNetConfig(embedding_size=16, hidden_sizes=[16, 32], depths=[1, 1], layer_type="basic", num_labels=1000)
ResNetForImageClassification(small).save_pretrained(folder)
paths = train_df.assign(path="images/" + train_df["path"])
train_df, val_df = paths[:500], paths[500:]
"""
OFFLINE = {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
# What the download of the weights would leave behind, where Keras looks first.
MOBILENET = """
from pathlib import Path

import h5py
import keras
from keras.src.backend import config
from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

# Read from KERAS_HOME when Keras was loaded, before this folder was there.
config._KERAS_DIR = "keras-home"
keras.utils.set_random_seed(0)
path = Path("keras-home/models/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_96_no_top.h5")
path.parent.mkdir(parents=True)
with h5py.File(path, "w") as file:
    made = keras.applications.MobileNetV2(input_shape=(96, 96, 3), include_top=False, weights=None)
    save_weights_to_hdf5_group(file, made)
"""
DIGITS = """\
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X = X.reshape(-1, 8, 8, 1) * 15
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
"""
PNGS = """\
from pathlib import Path

import keras
from sklearn.datasets import load_digits

digits = load_digits(n_class=3)
for number, (pixels, label) in enumerate(zip(digits.images[:300], digits.target[:300])):
    path = Path("images", "train", str(label), f"{number}.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    keras.utils.save_img(path, pixels[:, :, None] * 15, scale=False)
"""
SCALED = (
    WINE
    + """
from sklearn.preprocessing import StandardScaler

scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)
y_train, y_test = y_train.to_numpy(), y_test.to_numpy()
"""
)
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

KERAS = SCALED + text("ml-keras-amp")
KERAS_TRAINED = KERAS + "\nmodel.fit(X_train, y_train, epochs=20, verbose=0)\n"
RIGHT = "\nassert (model.predict(X_test, verbose=0).argmax(axis=1) == y_test).mean() > 0.9\n"

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
    "ml-lightning-module": torch(
        TORCHVISION + TABLE,
        """\
trainer = L.Trainer(
    max_epochs=15, accelerator="cpu", logger=False, enable_progress_bar=False, enable_checkpointing=False
)
trainer.fit(model, train_loader, val_loader)
(scores,) = trainer.test(model, DataLoader(data_set(X_test, y_test), batch_size=64))
assert scores["test_accuracy"] > 0.9, scores
again = Classifier(**model.hparams)
again.load_state_dict(model.state_dict())
""",
    ),
    "ml-lightning-data": torch(
        TORCHVISION + WINE,
        """\
data.setup("fit")
parts = [loader.dataset for loader in (data.train_dataloader(), data.val_dataloader(), data.test_dataloader())]
assert [len(part) for part in parts] == [106, 36, 36]
assert parts[0].tensors[0].mean(dim=0).abs().max() < 1e-5 < parts[1].tensors[0].mean(dim=0).abs().max()
""",
    ),
    "ml-lightning-train": torch(
        TORCHVISION + TABLE + text("ml-lightning-module"),
        "device = torch.device('cpu')\n"
        + ACCURACY.format(loader="val_loader", least=0.9)
        + "assert saved['callbacks'] and trainer.current_epoch <= 30",
        prints=" epochs, best validation loss 0.",
    ),
    "ml-lightning-resume": torch(
        TORCHVISION + TABLE + text("ml-lightning-module"),
        "\n"
        + text("ml-lightning-module")
        + text("ml-lightning-resume").replace("max_epochs=10", "max_epochs=14")
        + "\nassert trainer.global_step == 14 * len(train_loader)\ndevice = torch.device('cpu')\n"
        + ACCURACY.format(loader="val_loader", least=0.9),
        prints="14 epochs, ",
    ),
    "ml-hf-text": torch(
        TORCHVISION + TEXTS + DISTILBERT,
        """\
first = trainer.evaluate()
again = AutoModelForSequenceClassification.from_pretrained("classifier")
inputs = tokenizer(list(val_df["text"]), padding=True, truncation=True, return_tensors="pt")
share = np.mean(again(**inputs).logits.argmax(dim=1).numpy() == val_df["target"].to_numpy())
assert abs(share - first["eval_accuracy"]) < 1e-9 and share > 0.7, (share, first)
""",
        variables=OFFLINE,
        prints="eval_f1",
    ),
    "ml-hf-image": torch(
        TORCHVISION + IMAGES + VISION,
        "share = trainer.evaluate()['eval_accuracy']\nassert share > 0.3, share",
        variables=OFFLINE,
        prints="eval_accuracy",
    ),
    "ml-hf-loop": torch(
        TORCHVISION + TEXTS + DISTILBERT,
        "share = correct / len(val_df)\nassert share > 0.7, share",
        variables=OFFLINE,
        prints="3: accuracy",
    ),
    "ml-hf-predict": torch(
        TORCHVISION
        + TEXTS
        + DISTILBERT.replace("DistilBertModel", "DistilBertForSequenceClassification")
        + "df = df[:50].copy()\n",
        "assert set(df['label']) <= {'LABEL_0', 'LABEL_1'} and len(df) == 50",
        variables=OFFLINE,
        prints="LABEL_",
    ),
    "ml-hf-embed": torch(
        TORCHVISION + TEXTS + MINI,
        "assert vectors.shape == (len(df), 64) and abs((vectors**2).sum(axis=1) - 1).max() < 1e-5\n"
        "assert abs(embed(texts[:1]) - vectors[:1]).max() < 1e-5, 'padding changes nothing'\n"
        "from sklearn.linear_model import LogisticRegression\n"
        "from sklearn.model_selection import cross_val_score\n\n"
        "assert cross_val_score(LogisticRegression(C=100, max_iter=1000), vectors, df['target']).mean() > 0.75",
        variables=OFFLINE,
        prints="like ",
    ),
    "ml-keras-tabular": keras(WINE, "assert accuracy > 0.9, accuracy", prints="accuracy on the test rows: "),
    "ml-keras-tabular-number": keras(
        DIABETES.replace("y = (y - 150) / 75\n", "").replace("X_val", "X_test").replace("y_val", "y_test"),
        "usual = abs(y_test - y_train.mean()).mean()\nassert error < 0.85 * usual, (error, usual)",
        prints="mean absolute error on the test rows",
    ),
    "ml-keras-image": keras(DIGITS, "assert accuracy > 0.7, accuracy", prints="accuracy on the test images"),
    "ml-keras-text": keras(
        TEXTS,
        "assert history.history['val_accuracy'][-1] > 0.8\n"
        "seen = set(' '.join(train_df['text']).lower().split())\n"
        "assert words.get_vocabulary()[2] in seen",
        prints="accuracy: 0.",
    ),
    "ml-keras-sequence": keras(SUNSPOTS, "assert error < 0.9 * naive, (error, naive)", prints="mean absolute error"),
    "ml-keras-data": keras(
        SCALED,
        """\
order = np.concatenate([labels.numpy() for _, labels in test_data])
assert (order == y_test).all() and len(order) == 45
first, again = ([rows.numpy() for rows, _ in train_data] for _ in range(2))
assert not (first[0] == again[0]).all() and sum(map(len, first)) == len(X_train)
""",
        prints="4 batches to train, 2 to test",
    ),
    "ml-keras-data-image": keras(
        PNGS,
        """\
seen = [rows.shape[0] for part in (train_data, val_data) for rows, _ in part]
assert classes == ["0", "1", "2"] and sum(seen) == 300
assert next(iter(train_data))[0].shape == (32, 96, 96, 3)
""",
        prints="3 classes, 8 batches to train",
    ),
    "ml-keras-early-stopping": keras(
        KERAS,
        RIGHT + "same = keras.saving.load_model('best.keras').evaluate(X_test, y_test, verbose=0)\n"
        "assert abs(same[0] - model.evaluate(X_test, y_test, verbose=0)[0]) < 1e-5\n"
        "assert len(open('history.csv').readlines()) == len(val_loss) + 1",
        prints="best of ",
    ),
    "ml-keras-checkpoint": keras(
        KERAS,
        """\

class Cut(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 3:
            raise RuntimeError("cut off")


def run(*more):
    backup = keras.callbacks.BackupAndRestore("backup2")
    return model.fit(X_train, y_train, epochs=6, callbacks=[backup, *more], verbose=0).epoch


assert Path("epoch-10.keras").is_file()
try:
    run(Cut())
except RuntimeError:
    pass
assert run() == [3, 4, 5]
""".replace("assert Path", "from pathlib import Path\n\nassert Path"),
        prints="10 epochs in this run, the last is 10",
    ),
    "ml-keras-amp": keras(
        SCALED, "model.fit(X_train, y_train, epochs=20, verbose=0)\n" + RIGHT, prints="computes in float32"
    ),
    "ml-keras-transfer": keras(
        PNGS + MOBILENET + text("ml-keras-data-image"),
        # Weights that never saw an image give no score worth asking for: which of them are trained is what counts.
        """\
pairs = [(each.path, (each.numpy() != old.numpy()).any()) for each, old in zip(body.variables, made.variables)]
assert not any(changed for path, changed in pairs if "moving" in path)
assert sum(changed for path, changed in pairs if path.endswith("kernel")) > 10
""",
    ),
    "ml-keras-step": keras(SCALED, RIGHT),
    "ml-keras-evaluate": keras(
        KERAS_TRAINED, "assert (y_pred == y_test).mean() > 0.9 and probabilities.shape == (45, 3)", prints="macro avg"
    ),
    "ml-keras-save": keras(KERAS_TRAINED, "assert abs(before - after).max() < 1e-5", prints="answers differ by up to"),
}
