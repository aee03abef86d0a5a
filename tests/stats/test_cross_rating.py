"""Cross-rating: raters resampled whole, and severity taken out."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.cross_rating import Ratings, adjusted_means, rater_bootstrap, rater_covariance
from stats.errors import ScoreError
from stats.rank_sets import simultaneous_rank_sets


def generator(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def table(rows: dict[str, dict[str, float]], **strata: str) -> Ratings:
    triples = [(r, u, v) for r, given_ in rows.items() for u, v in given_.items()]
    raters, units, values = zip(*triples, strict=True)
    return Ratings.of(raters, units, values, strata=strata or None)


UNBALANCED = table(
    {
        "a": {"X": 9.0, "Y": 7.5},
        "b": {"Y": 5.0, "Z": 6.0},
        "c": {"X": 8.0, "Z": 7.0, "W": 4.0},
        "d": {"W": 5.0, "Y": 8.0},
        "e": {"X": 6.0, "W": 3.5, "Z": 5.0},
    }
)


def least_squares(ratings: Ratings) -> tuple[np.ndarray, np.ndarray, float]:
    """Fit dummies of units and raters plainly; adjusted means, their covariance, residual df."""
    units, raters = len(ratings.units), len(ratings.raters)
    design = np.zeros((len(ratings.value), units + raters))
    rows = np.arange(len(ratings.value))
    design[rows, ratings.unit] = design[rows, units + ratings.rater] = 1
    inverse = np.linalg.pinv(design.T @ design)
    beta = inverse @ design.T @ ratings.value
    wanted = np.hstack([np.eye(units), np.full((units, raters), 1 / raters)])
    df = len(rows) - np.linalg.matrix_rank(design)
    variance = ((ratings.value - design @ beta) ** 2).sum() / df
    return wanted @ beta, variance * wanted @ inverse @ wanted.T, df


def test_adjusted_means_are_those_of_the_full_least_squares_fit() -> None:
    adjusted, covariance, df = least_squares(UNBALANCED)
    found = adjusted_means(UNBALANCED)
    assert found.adjusted == pytest.approx(adjusted, abs=1e-12)
    assert found.covariance == pytest.approx(covariance, abs=1e-12)
    assert found.se == pytest.approx(np.sqrt(np.diag(covariance)))
    assert found.df == df == 12 - 4 - 5 + 1
    assert found.severity.sum() == pytest.approx(0)


def test_where_everybody_rates_everything_the_raw_means_stand() -> None:
    values = generator().normal(7, 1, (6, 4))
    ratings = table({f"r{r}": {f"u{u}": values[r, u] for u in range(4)} for r in range(6)})
    found = adjusted_means(ratings)
    assert found.raw == pytest.approx(values.mean(axis=0))
    assert found.adjusted == pytest.approx(found.raw)
    assert found.severity == pytest.approx(values.mean() - values.mean(axis=1))
    residual = values - values.mean(axis=0) - values.mean(axis=1)[:, None] + values.mean()
    variance = (residual**2).sum() / (5 * 3)
    assert found.residual_variance == pytest.approx(variance)
    assert found.se == pytest.approx(np.full(4, math.sqrt(variance / 6)))


def severe_raters(seed: int) -> tuple[Ratings, np.ndarray]:
    """Make raters of whom the severe ones mostly meet the first units: 12 units, 60 raters."""
    rng = generator(seed)
    quality = rng.normal(7, 0.5, 12)
    raters, units, values = [], [], []
    for number in range(60):
        severe = number % 2 == 0
        severity = rng.normal(1.0 if severe else -1.0, 0.2)
        half = np.arange(6) if severe else np.arange(6, 12)
        other = np.arange(6, 12) if severe else np.arange(6)
        chosen = [*rng.choice(half, 4, replace=False), *rng.choice(other, 1)]
        raters += [f"r{number:02}"] * 5
        units += [f"u{place:02}" for place in chosen]
        values += (quality[chosen] - severity + rng.normal(0, 0.4, 5)).tolist()
    return Ratings.of(raters, units, values), quality


def test_severity_that_follows_the_assignment_is_taken_out() -> None:
    """Raw means of the two halves are a point apart for no reason; adjusted ones are not."""
    bias_raw, bias_adjusted, covered = [], [], []
    for seed in range(40):
        ratings, quality = severe_raters(seed)
        found = adjusted_means(ratings)
        assert found.se is not None
        for bias, means in ((bias_raw, found.raw), (bias_adjusted, found.adjusted)):
            error = means - quality
            bias.append(error[:6].mean() - error[6:].mean())
        # units against each other: a contrast that no common level disturbs
        contrast = np.eye(12)[0] - np.eye(12)[11]
        assert found.covariance is not None
        spread = math.sqrt(contrast @ found.covariance @ contrast)
        covered.append(abs(contrast @ (found.adjusted - quality)) < 1.97 * spread)
    assert np.mean(bias_raw) < -0.9
    assert abs(np.mean(bias_adjusted)) < 3 * np.std(bias_adjusted) / math.sqrt(40) < 0.1
    assert np.mean(covered) >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / 40)


def test_raters_who_link_nothing_are_refused() -> None:
    apart = table({"a": {"X": 1.0, "Y": 2.0}, "b": {"Z": 1.0}})
    with pytest.raises(ScoreError, match=r"no rater links \['X', 'Y'\] with \['Z'\] \(2 parts"):
        adjusted_means(apart)


def test_without_degrees_of_freedom_there_is_no_standard_error() -> None:
    found = adjusted_means(table({"a": {"X": 1.0, "Y": 2.0}, "b": {"Y": 3.0}}))
    assert (found.df, found.se, found.covariance, found.residual_variance) == (0, None, None, None)
    assert found.adjusted.tolist() == pytest.approx([1.5, 2.5])


def test_the_bootstrap_agrees_with_the_linearised_covariance() -> None:
    ratings, _ = severe_raters(3)
    found = rater_bootstrap(ratings, rng=generator(), replicates=8000)
    linear = rater_covariance(ratings)
    assert found.se == pytest.approx(np.sqrt(np.diag(linear)), rel=0.12)
    scale = np.sqrt(np.outer(np.diag(linear), np.diag(linear)))
    assert np.abs((found.covariance - linear) / scale).max() < 0.15
    assert found.df == 59
    assert found.replicates > 7900


def test_every_rater_rating_every_unit_gives_the_plain_variance_of_means() -> None:
    """Strata of 4 and 3 raters: Σ_h n_h s²_h / n², exactly in the linearised covariance."""
    values = generator().normal(7, 1, (7, 2))
    strata = {f"r{r}": "x" if r < 4 else "y" for r in range(7)}
    ratings = table({f"r{r}": {"X": values[r, 0], "Y": values[r, 1]} for r in range(7)}, **strata)
    exact = (4 * np.cov(values[:4].T) + 3 * np.cov(values[4:].T)) / 49
    assert rater_covariance(ratings) == pytest.approx(exact)
    found = rater_bootstrap(ratings, rng=generator(), replicates=60_000)
    assert found.df == 5
    assert np.diag(found.covariance) == pytest.approx(np.diag(exact), rel=0.04)


def test_units_that_share_raters_are_correlated_and_that_is_kept() -> None:
    """Raters who differ by a level only leave no doubt about the difference of two units."""
    ratings = table({f"r{r}": {"X": float(r), "Y": r - 1.0} for r in range(8)})
    found = rater_bootstrap(ratings, rng=generator(), replicates=500)
    assert found.covariance[0, 1] == pytest.approx(found.covariance[0, 0])
    sets = simultaneous_rank_sets(
        found.means,
        found.se,
        correlation=found.covariance / np.outer(found.se, found.se),
        rng=generator(),
    )
    assert sets.sets == ((1, 1), (2, 2))


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(12)), st.floats(-5, 5))
def test_order_and_level_do_not_matter(order: list[int], level: float) -> None:
    moved = Ratings.of(
        [UNBALANCED.raters[UNBALANCED.rater[k]] for k in order],
        [UNBALANCED.units[UNBALANCED.unit[k]] for k in order],
        [float(UNBALANCED.value[k]) + level for k in order],
    )
    one, other = adjusted_means(UNBALANCED), adjusted_means(moved)
    assert other.adjusted - level == pytest.approx(one.adjusted, abs=1e-9)
    assert other.severity == pytest.approx(one.severity, abs=1e-9)


def test_a_stratum_of_one_rater_is_refused() -> None:
    one = table({"a": {"X": 1.0}, "b": {"X": 2.0}, "c": {"X": 2.0}}, a="x", b="y", c="y")
    with pytest.raises(ScoreError, match="stratum 'x' has 1 rater of 3"):
        rater_covariance(one)


def test_a_unit_of_one_rater_is_refused() -> None:
    with pytest.raises(ScoreError, match=r"units rated by one rater only: \['Y'\]"):
        rater_bootstrap(table({"a": {"X": 1.0, "Y": 1.0}, "b": {"X": 2.0}}), rng=generator())


@pytest.mark.parametrize(
    ("raters", "units", "values", "message"),
    [
        (["a", "a"], ["X", "X"], [1.0, 2.0], "rater 'a' rated unit 'X' more than once"),
        (["a"], ["X"], [math.nan], "rating 0 is nan"),
        (["a"], ["X", "Y"], [1.0, 2.0], "one rater, unit and value per rating: 1, 2"),
        ([], [], [], "one rater, unit and value per rating: 0, 0"),
    ],
)
def test_ratings_that_cannot_be_are_refused(
    raters: list[str], units: list[str], values: list[float], message: str
) -> None:
    with pytest.raises(ScoreError, match=message):
        Ratings.of(raters, units, values)


def test_a_rater_without_a_stratum_is_named() -> None:
    with pytest.raises(ScoreError, match=r"no stratum for raters \['b'\] \(1 of 2\)"):
        table({"a": {"X": 1.0}, "b": {"X": 2.0}}, a="x")


def test_a_level_of_the_bootstrap_is_a_probability() -> None:
    with pytest.raises(ScoreError, match="level must lie strictly between 0 and 1"):
        rater_bootstrap(UNBALANCED, rng=generator(), level=0.0)
