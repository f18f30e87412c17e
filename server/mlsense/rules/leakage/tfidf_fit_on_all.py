"""A vectoriser took its words and their weights from the documents that later test the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import leaks
from mlsense.rules.finding import Severity
from mlsense.rules.rule import Draft, Rule, example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    yield from leaks.drafts(trace, "tfidf-fit-on-all")


RULE = Rule(
    name="tfidf-fit-on-all",
    family="leakage",
    severity=Severity.WARNING,
    summary="A text vectoriser has read the documents that later test the model.",
    finds="""
        `TfidfVectorizer`, `CountVectorizer`, `TfidfTransformer`, a layer `TextVectorization`: fitted on documents of
        which some are used later to test the model. They go to the test part of a split, to a fold of a
        cross-validation, or to a score.
        """,
    matters="""
        The words that there are and how rare each one is come from the test documents too. A new document has words
        nobody has seen; the test has none, so its score is too good. With many documents it is so by little.
        """,
    silent="""
        `HashingVectorizer`, which learns nothing; a given vocabulary; a vectoriser inside a pipeline that the split or
        the cross-validation gets as a whole; one that is fitted on the training documents and transforms the others;
        clustering and other work without a test.
        """,
    repair="""
        Moves the fit below the split: it learns from the training part and transforms both. Before a cross-validation
        or a search it goes into one pipeline with the model (imbalanced-learn's for a resampler), the keys of the
        grid get its name. Offered where nothing else uses what it made, so that nothing else changes; safe. Elsewhere
        the message says what to do.
        """,
    bad=(
        example(
            """
            from sklearn.feature_extraction.text import TfidfVectorizer
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            texts = ["good film", "bad film", "good play", "bad play", "fine film", "poor film", "fine day", "poor day"]
            labels = [1, 0, 1, 0, 1, 0, 1, 0]
            vectorizer = TfidfVectorizer()
            X = vectorizer.fit_transform(texts)  # <- tfidf-fit-on-all
            X_train, X_test, y_train, y_test = train_test_split(X, labels, random_state=0)
            print(LogisticRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.feature_extraction.text import CountVectorizer
            from sklearn.model_selection import cross_val_score
            from sklearn.naive_bayes import MultinomialNB

            texts = ["good film", "bad film", "good play", "bad play", "fine film", "poor film", "fine day", "poor day"]
            labels = [1, 0, 1, 0, 1, 0, 1, 0]
            counts = CountVectorizer(ngram_range=(1, 2)).fit_transform(texts)  # <- tfidf-fit-on-all
            print(cross_val_score(MultinomialNB(), counts, labels, cv=2).mean())
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.feature_extraction.text import TfidfVectorizer
            from sklearn.model_selection import train_test_split
            from sklearn.svm import LinearSVC

            texts = ["good film", "bad film", "good play", "bad play", "fine film", "poor film", "fine day", "poor day"]
            labels = [1, 0, 1, 0, 1, 0, 1, 0]
            reviews = pd.DataFrame({"text": texts, "label": labels})
            tfidf = TfidfVectorizer(stop_words="english")
            tfidf.fit(reviews["text"])  # <- tfidf-fit-on-all
            features = tfidf.transform(reviews["text"]).toarray()
            X_train, X_test, y_train, y_test = train_test_split(features, reviews["label"], random_state=0)
            print(LinearSVC().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.feature_extraction.text import TfidfVectorizer
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import MultinomialNB

            texts = ["good film", "bad film", "good play", "bad play", "fine film", "poor film", "fine day", "poor day"]
            labels = [1, 0, 1, 0, 1, 0, 1, 0]


            class Reviews:
                def __init__(self, texts):
                    self.vectorizer = TfidfVectorizer()
                    self.matrix = self.vectorizer.fit_transform(texts)


            reviews = Reviews(texts)  # <- tfidf-fit-on-all
            X_train, X_test, y_train, y_test = train_test_split(reviews.matrix, labels, random_state=0)
            print(MultinomialNB().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.feature_extraction.text import TfidfVectorizer
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            texts = ["good film", "bad film", "good play", "bad play", "fine film", "poor film", "fine day", "poor day"]
            labels = [1, 0, 1, 0, 1, 0, 1, 0]
            train, test, y_train, y_test = train_test_split(texts, labels, random_state=0)
            vectorizer = TfidfVectorizer()
            X_train = vectorizer.fit_transform(train)
            X_test = vectorizer.transform(test)
            print(LogisticRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.feature_extraction.text import CountVectorizer
            from sklearn.model_selection import cross_val_score
            from sklearn.naive_bayes import MultinomialNB
            from sklearn.pipeline import make_pipeline

            texts = ["good film", "bad film", "good play", "bad play", "fine film", "poor film", "fine day", "poor day"]
            labels = [1, 0, 1, 0, 1, 0, 1, 0]
            print(cross_val_score(make_pipeline(CountVectorizer(), MultinomialNB()), texts, labels, cv=2).mean())
            """
        ),
        example(
            """
            from sklearn.feature_extraction.text import HashingVectorizer
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            texts = ["good film", "bad film", "good play", "bad play", "fine film", "poor film", "fine day", "poor day"]
            labels = [1, 0, 1, 0, 1, 0, 1, 0]
            X = HashingVectorizer(n_features=64).fit_transform(texts)
            X_train, X_test, y_train, y_test = train_test_split(X, labels, random_state=0)
            print(LogisticRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.feature_extraction.text import CountVectorizer
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import MultinomialNB

            texts = ["good film", "bad film", "good play", "bad play", "fine film", "poor film", "fine day", "poor day"]
            labels = [1, 0, 1, 0, 1, 0, 1, 0]
            X = CountVectorizer(vocabulary=["good", "bad", "fine", "poor"]).fit_transform(texts)
            X_train, X_test, y_train, y_test = train_test_split(X, labels, random_state=0)
            print(MultinomialNB().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.cluster import KMeans
            from sklearn.feature_extraction.text import TfidfVectorizer

            texts = ["good film", "bad film", "good play", "bad play", "fine film", "poor film", "fine day", "poor day"]
            labels = [1, 0, 1, 0, 1, 0, 1, 0]
            vectors = TfidfVectorizer().fit_transform(texts)
            print(sorted(KMeans(2, n_init=3, random_state=0).fit_predict(vectors)))
            """
        ),
        example(
            """
            from sklearn.feature_extraction.text import CountVectorizer
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import MultinomialNB
            from sklearn.pipeline import Pipeline

            texts = ["good film", "bad film", "good play", "bad play", "fine film", "poor film", "fine day", "poor day"]
            labels = [1, 0, 1, 0, 1, 0, 1, 0]
            counter = CountVectorizer()
            print(counter.fit_transform(texts).sum(), "words in", len(texts), "texts")
            train, test, y_train, y_test = train_test_split(texts, labels, random_state=0)
            model = Pipeline([("words", CountVectorizer()), ("bayes", MultinomialNB())]).fit(train, y_train)
            print(model.score(test, y_test))
            """
        ),
    ),
    check=check,
    references=(
        "scikit-learn user guide, [data leakage](https://scikit-learn.org/stable/common_pitfalls.html#data-leakage)",
    ),
)
