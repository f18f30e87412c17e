"""Every method in the tables of `frames` is tried on real tables, columns, arrays, sparse matrices and tensors.

A method without an example here fails, and so does one that some kind of receiver has and no example shows.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from mlsense.semantics.models import frames
from models.observing import Example, falsehoods

TORCH = find_spec("torch") is not None

# What stands before the dot for each kind of receiver, when an example does not say.
RECEIVERS = {"frame": "df", "series": "s", "index": "index", "array": "x", "sparse": "m", "tensor": "t"}
# The kind of each table that an example can begin with.
KINDS = {
    "df": "frame", "gaps": "frame", "mixed": "frame", "dated": "frame", "flags": "frame", "clubs": "frame",
    "s": "series", "sgaps": "series", "words": "series", "days": "series", "cats": "series", "index": "index",
    "x": "array", "v": "array", "m": "sparse", "t": "tensor", "u": "tensor", "grouped": "grouped", "club": "club",
    "window": "window",
}  # fmt: skip

# A line that begins with a dot is tried on every kind of receiver that has the method and no line of its own; one that
# begins with `!` leaves a kind out, with the reason.
METHOD_EXAMPLES: dict[str, list[str]] = {
    "copy": [".copy()"],
    "difference": ["index.difference(df.index[:3])"],
    "astype": [".astype(float)"],
    "infer_objects": [".infer_objects()"],
    "convert_dtypes": [".convert_dtypes()"],
    "round": [".round()", "days.dt.round('D')"],
    "sort_values": ["df.sort_values('a')", "s.sort_values()", "index.sort_values(ascending=False)"],
    "sort_index": ["df.sort_index(ascending=False)", "s.sort_index(ascending=False)"],
    "set_index": ["df.set_index('k')", "df.set_index('a', drop=False)"],
    "reset_index": [".reset_index()", "df.reset_index(drop=True)", "s.reset_index(drop=True)"],
    "squeeze": ["df.squeeze()", "df[['a']].squeeze()", "s.squeeze()", "x.squeeze()", "t.squeeze()"],
    "rename": ["df.rename(columns={'a': 'c'})", "s.rename('c')", "index.rename('c')", "df.rename(index={30: 300})"],
    "rename_axis": [".rename_axis('rows')"],
    "to_frame": [".to_frame()", "s.to_frame('c')"],
    "ravel": ["v.ravel()", "x.ravel()", "t.ravel()", "u.ravel()", "index.ravel()"],
    "flatten": ["v.flatten()", "x.flatten()", "t.flatten()", "u.flatten()"],
    "toarray": [".toarray()"],
    "todense": [".todense()"],
    "tocsr": [".tocsr()"],
    "tocsc": [".tocsc()"],
    "tolil": [".tolil()"],
    "clone": [".clone()"],
    "contiguous": [".contiguous()"],
    "detach": [".detach()"],
    "cpu": [".cpu()"],
    "cuda": ["!tensor there is no such device here"],
    "float": [".float()"],
    "double": [".double()"],
    "half": [".half()"],
    "long": [".long()"],
    "int": [".int()"],
    "type": [".type(torch.float32)"],
    "requires_grad_": [".requires_grad_()"],
    "pin_memory": ["!tensor there is no such device here"],
    "fillna": ["gaps.fillna(0)", "sgaps.fillna(0)", "index.fillna(0)", "gaps.fillna({'a': 0})",
               "gaps.fillna(gaps.mean())", "sgaps.fillna(sgaps.median())"],
    "ffill": ["gaps.ffill()", "sgaps.ffill()", "grouped.ffill()", "club.ffill()"],
    "bfill": ["gaps.bfill()", "sgaps.bfill()", "grouped.bfill()", "club.bfill()"],
    "pad": ["words.str.pad(12)"],
    "interpolate": ["gaps.interpolate()", "sgaps.interpolate()"],
    "set_axis": ["df.set_axis(['x', 'y', 'z'], axis=1)", "df.set_axis([1, 2, 3, 4, 5, 6, 7])",
                 "s.set_axis([1, 2, 3, 4, 5, 6, 7])"],
    "remove_unused_categories": ["cats.cat.remove_unused_categories()"],
    "unsqueeze": ["t.unsqueeze(1)", "u.unsqueeze(0)", "u.unsqueeze(1)"],
    "asfreq": ["dated.asfreq('D')", "dated['a'].asfreq('D')"],
    "tz_localize": ["dated.tz_localize('UTC')", "dated['a'].tz_localize('UTC')", "days.dt.tz_localize('UTC')"],
    "tz_convert": ["dated.tz_localize('UTC').tz_convert('CET')", "dated['a'].tz_localize('UTC').tz_convert('CET')",
                   "days.dt.tz_localize('UTC').dt.tz_convert('CET')"],
    "to_numpy": [".to_numpy()"],
    "numpy": [".numpy()"],
    "abs": [".abs()"],
    "clip": [".clip(0, 4)"],
    "apply": ["df.apply(np.log1p)", "s.apply(np.log1p)", "s.apply(lambda cell: cell + 1)", "df.apply('mean')",
              "df.apply(lambda column: column - column.mean())", "df.apply(lambda line: line.sum(), axis=1)",
              "df.apply(lambda column: column.max())", "df.apply(np.sum)", "df.apply(np.mean, axis=0)",
              "grouped.apply(lambda part: part - part.mean())", "grouped.apply(len)", "club.apply(np.mean)",
              "window.apply(np.sum)"],
    "map": ["df.map(lambda cell: cell + 1)", "s.map({1.0: 0.0})", "s.map(np.log1p)",
            "index.map(lambda label: label + 1)", "s.map(s.value_counts())"],
    "transform": ["df.transform(np.log1p)", "s.transform(np.log1p)", "df.transform(lambda column: column + 1)",
                  "df.transform(lambda column: column - column.mean())", "grouped.transform('mean')",
                  "club.transform('mean')", "club.transform('cumsum')",
                  "club.transform(lambda part: part.fillna(part.mean()) - part.mean())"],
    "replace": ["df.replace(1.0, 0.0)", "s.replace(1.0, 0.0)", "words.str.replace('red', 'green')",
                "!index its rows are known by its values"],
    "where": ["df.where(df > 2)", "s.where(s > 2, 0)", "!index its rows are known by its values", "t.where(t > 2, 0.0)",
              "s.where(s > 2, s.mean())"],
    "mask": ["df.mask(df > 2)", "s.mask(s > 2, 0)"],
    "shift": ["df.shift(1)", "s.shift(-1)", "!index needs dates", "grouped.shift(1)", "club.shift(1)"],
    "diff": ["df.diff()", "s.diff()", "index.diff()", "grouped.diff()", "club.diff()", "t.diff()", "t.diff(dim=0)"],
    "pct_change": ["df.pct_change()", "s.pct_change()", "grouped.pct_change()", "club.pct_change()"],
    "cumsum": [".cumsum()", "x.cumsum()", "x.cumsum(axis=0)", "v.cumsum()", "t.cumsum(dim=0)", "grouped.cumsum()",
               "club.cumsum()"],
    "cumprod": [".cumprod()", "x.cumprod()", "v.cumprod()", "t.cumprod(dim=0)", "grouped.cumprod()",
                "club.cumprod()"],
    "cummax": [".cummax()", "t.cummax(dim=0)", "grouped.cummax()", "club.cummax()"],
    "isna": ["gaps.isna()", "sgaps.isna()", "index.isna()"],
    "isnull": ["gaps.isnull()", "sgaps.isnull()", "index.isnull()"],
    "notna": ["gaps.notna()", "sgaps.notna()", "index.notna()"],
    "notnull": ["gaps.notnull()", "sgaps.notnull()", "index.notnull()"],
    "isin": [".isin([1.0, 4.0])"],
    "between": [".between(1, 4)"],
    "duplicated": ["df.duplicated('a')", "s.duplicated()", "index.duplicated()"],
    "contains": ["words.str.contains('red')"],
    "startswith": ["words.str.startswith('red')"],
    "endswith": ["words.str.endswith('x')"],
    **{name: [f".{name}(3)"] for name in "eq ne gt ge lt le".split()},
    **{name: [f".{name}(2)"] for name in
       "add sub mul div truediv floordiv mod pow radd rsub rmul rdiv rtruediv".split()},
    **{name: [f".{name}()"] for name in "exp log sqrt tanh sigmoid relu".split()},
    "dot": ["df.dot([1, 2, 3])", "s.dot(s)", "x.dot([1.0, 2.0, 3.0])", "x.dot(x.T)", "m.dot(np.ones((3, 1)))",
            "u.dot(u)", "v.dot(v)"],
    "assign": ["df.assign(c=df['a'] + 1)", "df.assign(c=lambda table: table['a'] + 1)",
               "df.assign(c=df['a'] - df['a'].mean())", "df.assign(c=lambda table: table['a'].mean())",
               "df.assign(a=1)"],
    "eval": ["df.eval('a + b')", "df.eval('c = a + b')"],
    "pipe": ["df.pipe(np.log1p)", "s.pipe(lambda column: column + 1)", "df.pipe(lambda table: table.head(3))",
             "grouped.pipe(len)", "club.pipe(len)", "window.pipe(lambda part: part.sum())"],
    "nonzero": ["x.nonzero()", "v.nonzero()", "m.nonzero()", "t.nonzero()"],
    "permute": ["t.permute(1, 0)", "t.permute(0, 1)"],
    "swapaxes": ["x.swapaxes(0, 1)", "t.swapaxes(0, 1)"],
    "update": ["df.update(prices)", "s.update(prices['c'])"],
    "combine_first": ["gaps.combine_first(prices)", "sgaps.combine_first(prices['c'])"],
    "explode": ["df.explode('a')", "s.explode()", "mixed.assign(w=mixed['w'].str.split()).explode('w')",
                "words.str.split().explode()"],
    "melt": ["df.melt(id_vars='k')", "df.melt()"],
    "stack": ["df.stack()"],
    "unstack": ["df.unstack()", "df.set_index(['k', 'a'])['b'].unstack()", "!series as it stands it cannot"],
    "join": ["df.join(prices['c'])", "df.join(other.set_index('k')['c'], on='k', how='inner')", "words.str.join('-')",
             "df.join(other.set_index('k'), on='k', how='right')", "index.join(index[:2])"],
    "set_categories": ["cats.cat.set_categories(['red fox', 'red hen'])"],
    "head": [".head(3)", "grouped.head(1)", "club.head(1)"],
    "tail": [".tail(3)", "grouped.tail(1)", "club.tail(1)"],
    "dropna": ["gaps.dropna()", "sgaps.dropna()", "gaps.dropna(axis=1)", "gaps.dropna(subset=['a'])",
               "gaps.dropna(axis='columns', how='all')", "!grouped gone", "!club gone", "!index has no gaps"],
    "drop_duplicates": ["df.drop_duplicates('a')", "s.drop_duplicates()", "s.drop_duplicates(keep=False)",
                        "!index has no doubles here"],
    "query": ["df.query('a > 2')", "df.query('a > a.mean()')"],
    "nlargest": ["df.nlargest(3, 'a')", "s.nlargest(3)", "club.nlargest(1)"],
    "nsmallest": ["df.nsmallest(3, 'a')", "s.nsmallest(3)", "club.nsmallest(1)"],
    "filter": ["df.filter(['a', 'b'])", "df.filter(like='a')", "df.filter(items=[30, 31], axis=0)",
               "s.filter([30, 31])", "grouped.filter(lambda part: part['a'].sum() > 12)",
               "club.filter(lambda part: part.sum() > 12)"],
    "truncate": [".truncate(before=32)"],
    "take": [".take([0, 2])", "x.take([0, 2])", "x.take([0, 2], axis=0)", "x[:, 0].take([0, 2])",
             "t.take(torch.tensor([0, 2]))", "index.take([0, 2])", "grouped.take([0])", "club.take([0])"],
    "first": ["grouped.first()", "club.first()", "window.first()"],
    "last": ["grouped.last()", "club.last()", "window.last()"],
    "merge": ["df.merge(other, on='k')", "df.merge(other, on='k', how='left')", "df.merge(other, on='k', how='right')",
              "df.merge(other, on='k', how='outer')", "df.merge(other, how='cross')"],
    "select_dtypes": ["df.select_dtypes('number')", "mixed.select_dtypes('number')",
                      "mixed.select_dtypes(exclude='number')"],
    "pivot": ["df.pivot(index='k', columns='a', values='b')"],
    "pivot_table": ["df.pivot_table(index='a', values='b')", "clubs.pivot_table(index='g', values='a')"],
    "transpose": ["df.transpose()", "x.transpose()", "m.transpose()", "t.transpose(0, 1)", "!series is itself",
                  "!index is itself"],
    "info": ["!frame prints", "!series prints"],
    "item": ["s.head(1).item()", "v[:1].item()", "u[:1].item()", "index[:1].item()"],
    "all": ["flags.all()", "(s > 2).all()", "(x > 2).all()", "(t > 2).all()", "index.all()", "flags.all(axis=1)",
            "grouped.all()", "club.all()"],
    "any": ["flags.any()", "(s > 8).any()", "(x > 7000).any()", "(t > 7000).any()", "index.any()",
            "flags.any(axis=1)", "grouped.any()", "club.any()", "gaps.isna().any()"],
    "equals": ["df.equals(df)", "s.equals(s)", "index.equals(index)"],
    "tolist": ["s.tolist()", "index.tolist()", "x.tolist()", "t.tolist()"],
    "to_list": ["s.to_list()", "index.to_list()"],
    "keys": ["df.keys()", "s.keys()", "!grouped gone", "!club gone"],
    "to_dict": ["df.to_dict()", "s.to_dict()", "df.to_dict('records')"],
    "to_csv": [".to_csv()"],
    "to_json": [".to_json()"],
    "to_html": [".to_html()"],
    "to_string": [".to_string()"],
    "to_parquet": ["!frame writes a file"],
    "to_excel": ["!frame writes a file", "!series writes a file"],
    "to_pickle": ["!frame writes a file", "!series writes a file"],
    "to_sql": ["!frame writes to a data base", "!series writes to a data base"],
    "hist": [f"!{kind} draws" for kind in ("frame", "series", "grouped", "club")],
    "plot": [f"!{kind} draws" for kind in ("frame", "series", "grouped", "club")],
    "boxplot": [f"!{kind} draws" for kind in ("frame", "grouped")],
    "memory_usage": [".memory_usage()"],
    **{name: [f".{name}()", f"x.{name}(axis=0)", f"x.{name}(axis=1)", f"df.{name}(axis=1)", f"t.{name}(dim=0)",
              f"t.{name}(dim=1)", f"x.{name}()", f"t.{name}()", f"x.{name}(0)", f"v.{name}()", f"grouped.{name}()",
              f"club.{name}()", f"window.{name}()"]
       for name in ("mean", "std", "var", "sum")},
    **{name: [f".{name}()", f"x.{name}(axis=0)", f"x.{name}(axis=1)", f"df.{name}(axis=1)", f"x.{name}()",
              f"v.{name}()", f"t.{name}()", f"grouped.{name}()", f"club.{name}()", f"window.{name}()"]
       for name in ("min", "max")},
    "median": [".median()", "df.median(axis=1)", "grouped.median()", "club.median()", "window.median()"],
    "quantile": ["df.quantile(0.5)", "s.quantile(0.5)", "df.quantile(0.5, axis=1)", "s.quantile([0.2, 0.8])",
                 "t.quantile(0.5)", "grouped.quantile()", "club.quantile()", "window.quantile(0.5)"],
    "mode": ["df[['a']].mode()", "s.mode()", "t.mode(dim=0)"],
    "corr": ["df.corr()", "s.corr(df['b'])", "grouped.corr()", "club.corr(clubs['b'])", "window.corr()"],
    "cov": ["df.cov()", "s.cov(df['b'])", "t.cov()", "grouped.cov()", "club.cov(clubs['b'])", "window.cov()"],
    "corrwith": ["df.corrwith(df['b'])", "grouped.corrwith(clubs['b'])"],
    "describe": [".describe()", "grouped.describe()", "club.describe()"],
    "value_counts": ["clubs[['g', 'a']].value_counts()", "s.value_counts()", "grouped.value_counts()",
                     "club.value_counts()", "!index has no doubles here"],
    "nunique": ["df.nunique()", "s.nunique()", "df.nunique(axis=1)", "!index has no doubles here", "grouped.nunique()",
                "club.nunique()", "window.nunique()"],
    "unique": ["s.unique()", "t.unique()", "club.unique()", "!index has no doubles here"],
    "count": ["gaps.count()", "sgaps.count()", "gaps.count(axis=1)", "words.str.count('e')", "grouped.count()",
              "club.count()", "window.count()"],
    **{name: [f".{name}()", f"df.{name}(axis=1)", f"grouped.{name}()", f"club.{name}()", f"window.{name}()"]
       for name in ("skew", "kurt", "sem")},
    "kurtosis": [".kurtosis()", "df.kurtosis(axis=1)"],
    **{name: [f".{name}()", f"df.{name}(axis=1)", f"grouped.{name}()", f"club.{name}()"]
       for name in ("idxmax", "idxmin")},
    **{name: [f"s.{name}()", f"v.{name}()", f"x.{name}(axis=1)", f"x.{name}(axis=0)", f"t.{name}(dim=1)",
              f"t.{name}(1)", f"index.{name}()", f"m.{name}(axis=0)"]
       for name in ("argmax", "argmin")},
    "prod": [".prod()", "df.prod(axis=1)", "x.prod(axis=1)", "t.prod(dim=1)", "grouped.prod()", "club.prod()"],
    "nanmean": [".nanmean()", "t.nanmean(dim=1)"],
    "norm": [".norm()", "t.norm(dim=1)"],
    **{name: [f"df.{name}('mean')", f"s.{name}('mean')", f"df.{name}(['mean', 'std'])", f"df.{name}({{'a': 'max'}})",
              f"df.{name}(lambda column: column.max() - column.min())", f"grouped.{name}('mean')",
              f"club.{name}('mean')", f"grouped.{name}({{'a': 'max'}})", f"window.{name}('mean')",
              f"df.{name}('mean', axis=1)"]
       for name in ("agg", "aggregate")},
    "size": ["grouped.size()", "club.size()", *(f"!{kind} is no method there" for kind in RECEIVERS)],
    "rank": [".rank()", "df.rank(axis=1)", "grouped.rank()", "club.rank()", "window.rank()"],
    "factorize": ["s.factorize()", "!index its rows are known by its values"],
    "drop": ["df.drop(columns='a')", "df.drop(['a'], axis=1)", "df.drop([30, 31])", "df.drop(index=30)",
             "s.drop([30, 31])", "index.drop([2100.0])", "df.drop('a', axis='columns')"],
    "pop": ["df.pop('a')", "!series takes a single value"],
    "insert": ["df.insert(0, 'c', 1.0)", "index.insert(0, 1)"],
    "sample": ["df.sample(3, random_state=0)", "s.sample(3, random_state=0)", "df.sample(frac=1, random_state=0)",
               "df.sample(9, replace=True, random_state=0)", "df.sample(2, axis=1, random_state=0)",
               "grouped.sample(1, random_state=0)", "club.sample(1, random_state=0)"],
    "reshape": ["v.reshape(-1, 1)", "x.reshape(-1)", "x.reshape(x.shape[0], 3, 1)", "x.reshape(3, 7)", "v.reshape(7)",
                "x.reshape(1, -1)", "x.reshape((-1, 1))", "m.reshape(3, 7)", "t.reshape(-1, 1)", "u.reshape(-1, 1)",
                "x.reshape(len(x), -1)"],
    "view": ["u.view(-1, 1)", "t.view(-1)", "t.view(3, 7)", "x.view()", "index.view()"],
    "to": ["t.to('cpu')", "t.to(torch.float32)"],
    "append": ["index.append(index)"],
    **{name: [f".{name}('c')", f"s.{name}('c')"] for name in ("add_prefix", "add_suffix")},
    **{name: [f".{name}()"] for name in
       "arcsin arcsinh arctan arctanh bfloat16 bitwise_not bool byte byteswap ceil coalesce conj conjugate cos "
       "count_nonzero deg2rad erf expm1 floor log10 log1p log2 logical_not nanmax nanmin nansum neg rad2deg "
       "reciprocal rint rsqrt set_flags short sign sin sinh sorted_indices square tan to_dense to_sparse tobsr tocoo "
       "todok trunc product".split()},
    "bitwise_not": ["t.int().bitwise_not()"],
    "coalesce": ["t.to_sparse().coalesce()"],
    "ceil": [".ceil()", "days.dt.ceil('D')"],
    "floor": [".floor()", "days.dt.floor('D')"],
    "nansum": [".nansum()", "t.nansum(dim=1)"],
    "product": [".product()", "df.product(axis=1)"],
    "count_nonzero": [".count_nonzero()", "t.count_nonzero(dim=1)"],
    "align": ["df.align(prices)", "s.align(prices['c'])"],
    "argsort": ["s.argsort()", "index.argsort()", "v.argsort()", "x.argsort()", "u.argsort()", "v[v.argsort()]"],
    "asof": ["dated.asof(pd.Timestamp('2020-01-05'))", "dated['a'].asof(pd.Timestamp('2020-01-05'))",
             "!index needs dates"],
    "at_time": ["dated.at_time('00:00')", "dated['a'].at_time('00:00')"],
    "between_time": ["dated.between_time('00:00', '01:00')", "dated['a'].between_time('00:00', '01:00')"],
    "autocorr": [".autocorr()"],
    "case_when": ["s.case_when([(s > 2, 0)])"],
    "clamp": [".clamp(0, 4)"],
    "clamp_max": [".clamp_max(4)"],
    "clamp_min": [".clamp_min(4)"],
    "combine": ["df.combine(prices, lambda one, two: one)", "s.combine(prices['c'], max)"],
    "compare": ["df.compare(df + 1)", "s.compare(s + 1)"],
    "cummin": [".cummin()", "t[:, 1:].cummin(dim=0)", "grouped.cummin()", "club.cummin()"],
    **{name: [f".{name}(2)"] for name in "divide multiply subtract rfloordiv rmod rpow power".split()},
    "droplevel": ["clubs.set_index('g', append=True).droplevel('g')",
                  "clubs.set_index('g', append=True)['a'].droplevel('g')", "!index has one level"],
    "swaplevel": ["clubs.set_index('g', append=True).swaplevel()",
                  "clubs.set_index('g', append=True)['a'].swaplevel()"],
    "reorder_levels": ["clubs.set_index('g', append=True).reorder_levels([1, 0])",
                       "clubs.set_index('g', append=True)['a'].reorder_levels([1, 0])"],
    "sortlevel": ["!index gives a pair"],
    **{name: [f"!{kind} tells of the index" for kind in ("frame", "series")]
       for name in ("first_valid_index", "last_valid_index")},
    "get": ["df.get('a')", "s.get(30)", "words.str.get(0)"],
    "get_group": ["grouped.get_group(1)", "club.get_group(1)"],
    "nth": ["grouped.nth(0)", "club.nth(0)"],
    "ngroup": ["grouped.ngroup()", "club.ngroup()"],
    "ohlc": ["grouped.ohlc()", "club.ohlc()"],
    "groupby": ["clubs.groupby('g')", "clubs['a'].groupby(clubs['g'])", "!index gives a dictionary"],
    "logsumexp": ["t.logsumexp(dim=0)", "t.logsumexp(dim=1)", "t.logsumexp(1)"],
    **{name: [f"t.{name}(dim=1)", f"t.{name}(dim=0)", f"t.{name}(1)"] for name in ("softmax", "log_softmax")},
    "masked_fill": ["t.masked_fill(t > 3, 0.0)"],
    "maximum": ["m.maximum(2)", "t.maximum(torch.ones(3))"],
    "minimum": ["m.minimum(2)", "t.minimum(torch.ones(3))"],
    "nanquantile": ["t.nanquantile(0.5)"],
    "reindex": ["df.reindex([30, 31, 99])", "s.reindex([30, 31, 99])", "index.reindex([2100.0])"],
    "reindex_like": ["df.reindex_like(other)", "s.reindex_like(other['c'])"],
    "repeat": ["s.repeat(2)", "index.repeat(2)", "x.repeat(2)", "x.repeat(2, axis=0)", "t.repeat(2, 1)",
               "words.str.repeat(2)"],
    "searchsorted": [f"!{kind} tells a place" for kind in ("array", "index", "series")],
    "set_names": [".set_names('c')"],
    "to_device": [".to_device('cpu')"],
    "to_period": ["dated.to_period('M')", "dated['a'].to_period('M')", "days.dt.to_period('M')"],
    "to_timestamp": ["dated.to_period('M').to_timestamp()", "dated['a'].to_period('M').to_timestamp()"],
    "trace": [".trace()"],
    "t": ["t.t()"],
    "xs": ["df.xs(30)", "s.xs(30)"],
    **{name: ["!tensor tells of its shape"] for name in ("dim", "numel", "is_contiguous", "stride")},
    "getnnz": ["!sparse tells of its shape"],
    "get_loc": ["!index tells a place"],
    "cumcount": ["grouped.cumcount()", "club.cumcount()"],
    "rolling": ["df.rolling(2).mean()", "s.rolling(2).mean()", "df.rolling(2)", "grouped.rolling(2).mean()",
                "club.rolling(2).mean()"],
    "expanding": ["df.expanding().mean()", "s.expanding().mean()", "grouped.expanding().mean()",
                  "club.expanding().mean()"],
    "ewm": ["df.ewm(span=2).mean()", "s.ewm(span=2).mean()", "grouped.ewm(span=2).mean()", "club.ewm(span=2).mean()"],
    "resample": ["dated.resample('MS').mean()", "dated['a'].resample('MS').sum()", "dated.resample('MS').ffill()",
                 "!grouped needs dates", "!club needs dates"],
}  # fmt: skip

# Of texts, dates and categories: every method there is.
ACCESSOR_EXAMPLES: dict[str, dict[str, str]] = {
    "words.str": {
        **dict.fromkeys(
            "capitalize casefold isalnum isalpha isascii isdecimal isdigit islower isnumeric isspace istitle isupper "
            "len lower lstrip rstrip strip swapcase title upper split rsplit partition rpartition".split(), ""
        ),
        **dict.fromkeys("contains count endswith find findall fullmatch match rfind startswith".split(), "'r'"),
        **dict.fromkeys("center ljust pad rjust wrap zfill".split(), "12"),
        **dict.fromkeys("removeprefix removesuffix".split(), "'red'"),
        "cat": "words", "decode": "!", "encode": "'utf-8'", "extract": "'(r)'", "extractall": "'(r)'", "get": "0",
        "get_dummies": "' '", "index": "''", "rindex": "''", "join": "'-'", "normalize": "'NFC'", "repeat": "2",
        "replace": "'red', 'green'", "slice": "0, 2", "slice_replace": "0, 2, 'x'", "translate": "{114: 'R'}",
    },
    "days.dt": {
        **dict.fromkeys(
            "day_name isocalendar month_name normalize to_pydatetime".split(), ""
        ),
        **dict.fromkeys("ceil floor round".split(), "'D'"),
        "as_unit": "'s'", "strftime": "'%Y'", "to_period": "'M'", "tz_localize": "'UTC'", "tz_convert": "!",
    },
    "cats.cat": {
        **dict.fromkeys("as_ordered as_unordered remove_unused_categories".split(), ""),
        "add_categories": "['zebra', 'ant']", "remove_categories": "['red fox']",
        "rename_categories": "lambda name: name + '!'", "set_categories": "['red fox', 'red hen']",
        "reorder_categories": "!",
    },
}  # fmt: skip
# What stands after a table without a call, and between brackets.
ATTRIBUTE_EXAMPLES = [
    "df.values", "s.values", "s.array", "index.values", "df.T", "x.T", "df.index", "s.index", "df.columns", "df.a",
    "clubs.groupby('g').a", "t.data",
    *(f"days.dt.{name}" for name in sorted(frames.PARTS_OF_DATES - {"codes", "days", "seconds"})),
    "cats.cat.codes", "(days - days.min()).dt.days",
    "df['a']", "df[['a', 'b']]", "df[2:5]", "df[df['a'] > 2]", "df[::2]", "df.loc[df['a'] > 2]", "df.loc[[30, 31]]",
    "df.loc[df['a'] > 2, 'b']", "df.loc[:, 'a']", "df.loc[:, ['a', 'b']]", "df.iloc[:3]", "df.iloc[3:]",
    "df.iloc[:, 0]", "df.iloc[:, [0, 1]]", "df.iloc[[0, 2]]", "df.iloc[:, :-1]", "s[2:5]", "s[s > 2]", "s.iloc[2:5]",
    "s.loc[s > 2]", "x[2:5]", "x[:, 0]", "x[:, [0, 1]]", "x[:, 1:]", "x[x[:, 1] > 2]", "x[[0, 2]]", "x[::2]",
    "x[2:5, 0]", "t[2:5]", "t[:, 0]", "m[2:5]", "m[:, 0]", "df[df.columns[:2]]",
    "gaps[gaps['a'].isna()]", "df[~df['a'].duplicated()]", "df[df['a'].isin([1.0, 4.0])]",
    "df[(df['a'] > 2) & (df['b'] > 1)]",
    "df.iloc[0]", "df.loc[30]", "x[0]", "s.iloc[0]", "df.at[30, 'a']", "df.iat[0, 1]", "df.loc[30, 'a']",
]  # fmt: skip

# In older releases, or in libraries with the same interface (Dask, Polars, Spark).
ELSEWHERE = {
    "compute": "Dask", "persist": "Dask", "collect": "Polars", "toPandas": "Spark", "to_pandas": "Polars",
    "backfill": "pandas until 3.0", "with_columns": "Polars", "as_matrix": "pandas until 1.0",
    "applymap": "pandas until 3.0", "mad": "pandas until 2.0", "ptp": "NumPy until 2.0",
}  # fmt: skip

NEIGHBOURS = "takes values of rows beside it or before it: an order, no statistic"
DOUBLES = "which rows are there twice is no statistic of their values"
PICKED = "which rows are picked follows from their order or from a text"
NUMBERED = "numbers in place of labels say nothing of other rows"
YES_OR_NO = "a yes or a no about all rows shapes no values"
SILENT: dict[str, str] = {
    **dict.fromkeys("ffill bfill interpolate shift diff pct_change cumsum cumprod cummax cummin".split(), NEIGHBOURS),
    **dict.fromkeys("rolling expanding ewm resample cumcount ngroup".split(), NEIGHBOURS),
    **dict.fromkeys("duplicated drop_duplicates".split(), DOUBLES),
    **dict.fromkeys("nlargest nsmallest query".split(), PICKED),
    **dict.fromkeys("any all".split(), YES_OR_NO),
    "factorize": NUMBERED,
    "club.transform('cumsum')": NEIGHBOURS,
    "v[v.argsort()]": PICKED,
    **dict.fromkeys(("x.max()", "x.min()"), "the largest number of a whole table is taken for its unit, as 255 is"),
}
ACCESSOR_SILENT = {
    "words.str.get_dummies(' ')": NUMBERED,
    "words.str.extractall('(r)')": PICKED,
    "df[~df['a'].duplicated()]": DOUBLES,
    "cats.cat.codes": NUMBERED,
}
# What a method does to groups, and what windows give.
SILENT_FOR_GROUPS = dict.fromkeys("head tail take sample nth filter get_group".split(), PICKED)


def silent(name: str, line: str) -> str:
    """Why the model need not speak of a statistic."""
    kind = kind_of(line)
    if kind == "window":
        return NEIGHBOURS
    for_groups = SILENT_FOR_GROUPS if kind in ("grouped", "club") else {}
    return SILENT.get(line) or for_groups.get(name) or SILENT.get(name, "")


def receivers() -> dict[str, Any]:
    """One thing of each kind, to ask what methods it has."""
    table = pd.DataFrame({"a": [1.0, 2.0], "g": [0, 1]})
    days = pd.Series(pd.to_datetime(["2020-01-01", "2020-01-02"]))
    things = {
        "frame": table,
        "series": table["a"],
        "index": table.index,
        "array": np.ones((2, 2)),
        "sparse": sparse.csr_matrix(np.ones((2, 2))),
        "str": pd.Series(["a"]).str,
        "dt": days.dt,
        "cat": pd.Series(["a"]).astype("category").cat,
        "grouped": table.groupby("g"),
        "club": table.groupby("g")["a"],
        "window": table.rolling(2),
    }
    if TORCH:
        import torch

        things["tensor"] = torch.ones(2, 2)
    return things


HAVE = receivers()
NAMES = sorted({*frames.METHODS, *frames.GROUPED, *frames.WINDOW, *frames._SPECIAL})


def kind_of(code: str) -> str:
    """The kind of thing a line begins with."""
    name, _, rest = code.lstrip("(").partition(".")
    accessor = rest.partition(".")[0]
    if accessor in ("str", "dt", "cat"):
        return accessor
    own_column = code.startswith(("dated['a']", "clubs['a']")) or ")['a']." in code
    return "series" if own_column else KINDS[name.partition("[")[0].partition(" ")[0]]


def lines_for(name: str) -> list[str]:
    """The examples of a method, a dot at the beginning spelled out."""
    told = METHOD_EXAMPLES.get(name, [])
    own = [line for line in told if not line.startswith((".", "!"))]
    covered = {kind_of(line) for line in own} | {line[1:].partition(" ")[0] for line in told if line.startswith("!")}
    for line in told:
        if line.startswith("."):
            own += [
                receiver + line
                for kind, receiver in RECEIVERS.items()
                if kind in HAVE and hasattr(HAVE[kind], name) and kind not in covered
            ]
    return [line for line in own if TORCH or kind_of(line) != "tensor"]


def example(line: str) -> Example:
    """What is given is the table that the line begins with; what changes it in place is its own result."""
    given = line.lstrip("(").partition(".")[0].partition("[")[0].partition(" ")[0]
    base = {"grouped": "clubs", "club": "clubs", "window": "df", "flags": "df"}.get(given, given)
    in_place = ".insert(" in line or ".update(" in line
    in_place = in_place and not line.startswith("index")
    return Example(f"{line}\nresult = {given}" if in_place else f"result = {line}", base)


@pytest.mark.parametrize("name", NAMES)
def test_every_method_exists_and_has_examples_for_all_that_have_it(name: str) -> None:
    have = {kind for kind, thing in HAVE.items() if hasattr(thing, name)}
    if name in ELSEWHERE:
        assert not have & {"frame", "series", "array"}
        return
    assert have, f"nothing has a method `{name}`"
    left_out = {line[1:].partition(" ")[0] for line in METHOD_EXAMPLES.get(name, []) if line.startswith("!")}
    assert have <= {kind_of(line) for line in lines_for(name)} | left_out


def accessor_lines() -> list[str]:
    return [
        f"{base}.{name}({arguments})"
        for base, examples in ACCESSOR_EXAMPLES.items()
        for name, arguments in examples.items()
        if arguments != "!"
    ]


@pytest.mark.parametrize("accessor", ["str", "dt", "cat"])
def test_every_method_of_an_accessor_has_an_example(accessor: str) -> None:
    thing = HAVE[accessor]
    told = next(names for base, names in ACCESSOR_EXAMPLES.items() if base.endswith(accessor))
    there = {name for name in dir(thing) if not name.startswith("_") and callable(getattr(type(thing), name, None))}
    assert there == set(told)


CASES = [
    *((line, silent(name, line)) for name in NAMES for line in lines_for(name)),
    *((line, ACCESSOR_SILENT.get(line, "")) for line in (*ATTRIBUTE_EXAMPLES, *accessor_lines())),
]


@pytest.mark.parametrize(
    ("line", "leave"),
    [pytest.param(line, leave, id=line) for line, leave in CASES if TORCH or not line.startswith("t.")],
)
def test_what_is_said_is_so(line: str, leave: str) -> None:
    """`leave`: why the model may say nothing of a statistic that is there."""
    assert falsehoods(example(line), leave) == []
