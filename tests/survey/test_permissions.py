"""Who may do what: denied unless listed."""

import pytest

from stats.disclosure import ReleaseClass
from survey.errors import NotPermittedError
from survey.rules.permissions import Permission, Role, may, releases, require


def test_a_viewer_may_do_nothing_and_sees_published_totals_only() -> None:
    assert not any(may(Role.VIEWER, permission) for permission in Permission)
    assert releases(Role.VIEWER, published=False) == frozenset()
    assert releases(Role.VIEWER, published=True) == {ReleaseClass.PUBLIC}


def test_an_administrator_sees_no_results_and_runs_no_round() -> None:
    assert not may(Role.ADMIN, Permission.RUN_ROUND)
    assert releases(Role.ADMIN, published=True) == frozenset()


def test_only_the_statistician_sees_everything() -> None:
    seeing = [role for role in Role if ReleaseClass.STATISTICIAN in releases(role, published=True)]

    assert seeing == [Role.STATISTICIAN]


def test_a_refusal_names_role_and_permission() -> None:
    with pytest.raises(NotPermittedError, match=r"clerk.*run_round"):
        require(Role.CLERK, Permission.RUN_ROUND)
