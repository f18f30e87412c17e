from my_project.data import read, split


def test_features_are_numbers_and_classes_are_known() -> None:
    X, y = read()
    assert all(dtype.kind in "if" for dtype in X.dtypes)
    assert y.notna().all()
    assert y.name not in X.columns


def test_no_row_is_in_both_parts_and_both_have_all_classes() -> None:
    X, y = read()
    parts = split(X, y)
    assert set(parts.X_train.index).isdisjoint(parts.X_test.index)
    assert len(parts.X_train) + len(parts.X_test) == len(X)
    assert set(parts.y_train) == set(parts.y_test) == set(y)


def test_the_split_is_the_same_every_time() -> None:
    X, y = read()
    assert split(X, y).X_test.equals(split(X, y).X_test)
