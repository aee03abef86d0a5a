"""The short form of the coverage study: the first of its populations, the same promises."""

import importlib.util
import math
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "index_coverage.py"


@pytest.fixture(scope="module")
def study() -> ModuleType:
    spec = importlib.util.spec_from_file_location("index_coverage_study", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("spread", ["usual", "wide"])
def test_the_populations_are_the_ones_that_were_fixed(study: ModuleType, spread: str) -> None:
    provinces = study.make_provinces(spread)
    assert len(provinces) == 200
    sizes = [unit.size for province in provinces for unit in province]
    assert (min(sizes), max(sizes)) == (6, 60)


def test_other_populations_are_refused(study: ModuleType) -> None:
    with pytest.raises(SystemExit, match="the usual populations have digest"):
        study.make_provinces("usual", seed=1)


@pytest.mark.parametrize("response", [1.0, 0.85])
def test_shrunk_t_covers_what_it_promises(study: ModuleType, response: float) -> None:
    """1,600 intervals: 94 to 98 % over all, no shape below 93 % less three standard errors."""
    tallies = study.coverage(study.make_provinces("usual")[:40], response, 2)
    overall, error = study.share([t.covered for t in tallies], [t.place for t in tallies])
    assert 0.94 <= overall <= 0.98
    assert error < 0.01
    for shape in dict.fromkeys(study.SHAPES):
        inside = [t for t in tallies if t.shape == shape]
        covered, error = study.share([t.covered for t in inside], [t.place for t in inside])
        assert covered >= 0.93 - 3 * error
    top = [t for t in tallies if t.shape == "straight-line top" and t.covered_plain is not None]
    assert np.mean([t.covered_plain for t in top]) < 0.75  # what the shrinkage is there for


@pytest.mark.parametrize(("spread", "limit"), [("usual", 0.10), ("wide", 0.15)])
def test_band_probabilities_mean_what_they_say(
    study: ModuleType, spread: str, limit: float
) -> None:
    found = study.reliability(study.make_provinces(spread)[:60], 1.0, draws=400)
    table = study.calibration(found.bands, 100)
    gap, error = study.worst_gap(table)
    assert gap <= limit
    assert error < 0.05
    assert len(table) == 10
    held = float(np.mean(found.rank_interval))
    assert held >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / len(found.rank_interval))
    assert np.mean(found.sets_hold) >= 0.95
