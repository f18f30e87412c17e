"""Says how good the saved model is on the test rows."""

from sklearn.metrics import classification_report

from my_project.data import read, split
from my_project.model import load


def main() -> None:
    _, X_test, _, y_test = split(*read())
    print(classification_report(y_test, load().predict(X_test)))


if __name__ == "__main__":
    main()
