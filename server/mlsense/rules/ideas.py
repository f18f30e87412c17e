"""The idea behind each family of rules, in one sentence for someone who meets it for the first time.

The preset `teaching` puts it before what a finding says. A rule of another idea has its own in `Rule.idea`.
"""

from __future__ import annotations

IDEAS = {
    "api": "A library changes from release to release: names and arguments come, go and get new meanings.",
    "cluster": "Clustering sorts rows into groups by how far apart they are, without being told which ones are right.",
    "data": "A model learns whatever its data say, so a row that is there twice, or wrong, is learned like any other.",
    "device": "Tensors live in the memory of the processor or of a graphics card, and only those in the same place can "
    "be put together.",
    "dtype": "A model calculates with numbers: text and gaps have to become numbers before it can learn from them.",
    "encoding": "A model calculates with numbers, so each category becomes one or more numbers, the same ones in all "
    "parts of the data.",
    "estimator": "Every estimator of scikit-learn works alike: it is made with parameters, learns in `fit`, and only "
    "then has methods that use what it learned.",
    "evaluation": "A score says what a model is worth on rows that it did not learn from; on those it did, it only has "
    "to remember.",
    "indent": "In Python the indentation of a line says to which loop or function it belongs, so how often it runs.",
    "io": "What a file says depends on how it is read: separators, types of columns and their order are not in the "
    "numbers themselves.",
    "keras": "A Keras model is trained by `fit`, with the loss and the metrics that `compile` gave it, and keeps what "
    "happened by their names.",
    "leakage": "A model is tested on rows it has never seen, since those are what it will meet in use; whatever was "
    "learned from these rows before makes the test too easy.",
    "loop": "Training repeats a few steps for each batch of rows: predict, measure the loss, find the gradients, "
    "change the weights, forget the gradients.",
    "loss": "The loss measures how wrong a prediction is, and each expects predictions and targets of its own form.",
    "metric": "A metric makes one number of many predictions, and each metric expects its own kind of predictions.",
    "module": "A neural network is built of layers that are registered with their module, which is how the optimizer "
    "finds their weights.",
    "notebook": "A notebook keeps what its cells made in the order they were run, which need not be the order they "
    "stand in.",
    "pandas": "In pandas an operation gives a new table or changes an old one, and rows are matched by their labels.",
    "plot": "A plot is drawn on axes, and says what was handed to it, in the order it was handed over.",
    "preprocessing": "Models compare columns by their numbers, so what is done to the columns before is part of the "
    "model, and has to be the same for every row it sees.",
    "repro": "Chance takes part in splits, in shuffles and in the weights a model starts from; a seed makes it repeat "
    "itself, so that two runs can be compared.",
    "rl": "In reinforcement learning a program acts in an environment step by step, in episodes that begin with "
    "`reset` and come to an end.",
    "shape": "Every array has a shape, the number of its entries along each axis, and operations need shapes that fit.",
    "spark": "Spark runs a program on many machines and only when a result is asked for.",
    "split": "The rows are divided into some to learn from and some to be tested on, and how they are divided decides "
    "what the score is worth.",
}
