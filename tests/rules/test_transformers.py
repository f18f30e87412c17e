"""What is said of names and arguments of Hugging Face's transformers is true of the installed one."""

from __future__ import annotations

import importlib
import inspect

import pytest

from mlsense.analysis import Analyser, Settings
from mlsense.knowledge.library import Offer, library
from mlsense.knowledge.versions import Pin, Versions
from mlsense.rules.succession import change_of, successor
from mlsense.syntax import script

RULES = frozenset(("removed-api", "unknown-attribute", "unknown-keyword", "keyword-only", "deprecated-api"))
TRAIN = "from transformers import Trainer, TrainingArguments\n"


def said(text: str, version: str = "5.23") -> list[str]:
    """What the rules of names say of a program with some version of transformers."""
    versions = Versions(pinned=(("transformers", Pin(f"=={version}", "requirements.txt")),))
    report = Analyser().analyse(script("x.py", text), Settings.of(select=RULES, versions=versions))
    return [finding.message for finding in report.findings]


@pytest.mark.parametrize(
    ("version", "text", "told"),
    [
        ("5.23", f'{TRAIN}TrainingArguments("out", evaluation_strategy="epoch")', "`eval_strategy`"),
        ("5.23", f"{TRAIN}Trainer(tokenizer=3)", "`processing_class`"),
        ("5.23", f'{TRAIN}TrainingArguments("out", num_epochs=3)', "`num_train_epochs`"),
        ("5.23", f'{TRAIN}TrainingArguments("out", per_device_batch_size=3)', "`per_device_"),
        ("4.38", f'{TRAIN}TrainingArguments("out", eval_strategy="epoch")', "comes with version 4.41"),
        ("4.30", f"{TRAIN}Trainer(processing_class=3)", "comes with version 4.46"),
        ("5.23", "from transformers import AdamW", "torch.optim.AdamW"),
        ("5.23", "from transformers import TFAutoModel", "transformers.AutoModel`"),
        ("5.23", "from transformers import TFBertModel", "transformers.BertModel`"),
        ("5.23", "from transformers import get_linear_schedule_with_warmup\n"
         "get_linear_schedule_with_warmup(1, num_warmup=3, num_training_steps=4)", "`num_warmup_steps`"),
    ],
)  # fmt: skip
def test_it_says_what_took_the_place(version: str, text: str, told: str) -> None:
    messages = said(text, version)
    assert len(messages) == 1
    assert told in messages[0]


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ("4.38", f'{TRAIN}TrainingArguments("out", evaluation_strategy="epoch")\nTrainer(tokenizer=3)'),
        ("5.23", f'{TRAIN}TrainingArguments("out", eval_strategy="epoch")\nTrainer(processing_class=3)'),
        # Between the versions that were read there are others.
        ("4.45", f"{TRAIN}Trainer(processing_class=3)"),
        ("5.23", "from transformers import BertTokenizerFast, AutoTokenizer, AutoModel, pipeline, logging\n"
         "AutoModel.from_pretrained('x', anything=3)\nAutoTokenizer.from_pretrained('x')('a', padding=True)\n"
         "pipeline('text-classification', model='x', device=0, top_k=3)\nBertTokenizerFast('x').encode('a')"),
        ("5.23", "try:\n    from transformers import AdamW\nexcept ImportError:\n    from torch.optim import AdamW"),
        ("5.23", "from transformers.models.bert.modeling_bert import BertSelfAttention\n"
         "from transformers.trainer_utils import set_seed\nfrom transformers.optimization import AdamW"),
        ("5.23", "from transformers import BertModel\nmodel = BertModel.from_pretrained('x')\n"
         "model.eval()\nmodel.resize_token_embeddings(3)\nmodel.generate(3, max_new_tokens=4)"),
    ],
)  # fmt: skip
def test_it_is_silent(version: str, text: str) -> None:
    assert said(text, version) == []


@pytest.fixture(scope="module")
def offered() -> Offer:
    """Of the installed one; few have it."""
    installed = pytest.importorskip("transformers").__version__
    known = library("transformers")
    found = known.at(installed) if known is not None else None
    if found is None or not found.exact:
        pytest.skip(f"transformers {installed} is not in the base")
    return found


def real(dotted: str) -> object:
    try:
        return getattr(importlib.import_module("transformers"), dotted.rpartition(".")[2], None)
    except (ImportError, RuntimeError):
        return None


def test_what_is_said_to_be_gone_is_gone(offered: Offer) -> None:
    versions = [older for version in offered.library.versions if (older := offered.library.at(version)) is not None]
    names = {f"transformers.{name}" for older in versions for name in older.known_children("transformers")}
    gone = [name for name in sorted(names) if change_of(offered, name) is not None]
    assert len(gone) > 500
    assert [name for name in gone if real(name) is not None] == []
    new = {found.name for name in gone if (found := successor(offered, name)) is not None}
    assert [name for name in sorted(new) if name.startswith("transformers.") and real(name) is None] == []


@pytest.mark.parametrize("name", ["Trainer", "TrainingArguments", "Seq2SeqTrainer", "Seq2SeqTrainingArguments",
                                  "DataCollatorWithPadding", "DataCollatorForLanguageModeling", "EarlyStoppingCallback",
                                  "get_linear_schedule_with_warmup", "get_cosine_schedule_with_warmup"])  # fmt: skip
def test_what_people_call_takes_just_these_arguments(offered: Offer, name: str) -> None:
    entry = offered.find(f"transformers.{name}")
    assert entry is not None
    assert entry.signature is not None
    assert not entry.accepts_any
    found = inspect.signature(real(entry.name))  # type: ignore[arg-type]
    assert {each.name for each in entry.signature} == set(found.parameters)
