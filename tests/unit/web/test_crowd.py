"""Who goes when there is no space for another connection, and how many descriptors there are for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.web.crowd import PATIENCE, Crowd
from callcentre.web.descriptors import MOST_FOR_THE_WEB, RESERVE, share_of


def entered(
    crowd: Crowd[str], *names: str, at: float = 0, most: int = 3, of_person: int | None = 2
) -> list[str | None]:
    """Let in connections named after their person, as in a1; who had to go for each."""
    return [crowd.enter(name, name[0], at, most=most, of_person=of_person) for name in names]


def test_a_person_past_their_number_pushes_out_their_own_longest_waiting() -> None:
    crowd: Crowd[str] = Crowd()
    assert entered(crowd, "b1", "a1", "a2") == [None, None, None]
    assert entered(crowd, "a3", at=PATIENCE) == ["a1"]
    assert len(crowd) == 3


def test_what_came_a_moment_ago_stays_while_there_is_space() -> None:
    crowd: Crowd[str] = Crowd()
    assert entered(crowd, "b1", "a1", "a2", "a3", "a4", most=5) == [None] * 5
    assert entered(crowd, "a5", most=5) == ["b1"]
    assert entered(crowd, "a6", at=PATIENCE, most=5) == ["a1"]


def test_when_all_is_full_the_client_that_waits_longest_goes() -> None:
    crowd: Crowd[str] = Crowd()
    assert entered(crowd, "a1", "b1", "c1", "d1", "e1") == [None, None, None, "a1", "b1"]


def test_a_connection_that_we_work_for_stays() -> None:
    crowd: Crowd[str] = Crowd()
    entered(crowd, "a1", "a2", "b1")
    for name in ("a1", "a2", "b1"):
        crowd.works(name)
    assert entered(crowd, "c1") == [None]
    crowd.works("c1")
    crowd.waits("a2", 0)
    assert entered(crowd, "c2") == ["a2"]


def test_a_person_may_have_any_number_that_we_work_for() -> None:
    crowd: Crowd[str] = Crowd()
    for number in range(500):
        assert entered(crowd, f"a{number}", most=1000) == [None]
        crowd.works(f"a{number}")


def test_a_client_that_begins_to_wait_goes_last() -> None:
    crowd: Crowd[str] = Crowd()
    entered(crowd, "a1", "b1", "c1")
    crowd.works("a1")
    crowd.waits("a1", 0)
    assert entered(crowd, "d1", "d2", of_person=None) == ["b1", "c1"]


def test_a_trusted_proxy_has_as_many_as_there_are() -> None:
    crowd: Crowd[str] = Crowd()
    assert entered(crowd, "a1", "a2", "a3", "a4", of_person=None) == [None, None, None, "a1"]


@given(
    steps=st.lists(
        st.tuples(st.sampled_from("ewlx"), st.sampled_from([f"{person}{n}" for person in "abc" for n in range(4)]))
    )
)
def test_nobody_is_let_in_while_somebody_could_go_and_what_is_gone_leaves_nothing(steps: list[tuple[str, str]]) -> None:
    crowd: Crowd[str] = Crowd()
    inside: set[str] = set()
    for at, (step, name) in enumerate(steps):
        match step:
            case "e" if name not in inside:
                has_space = len(inside) < 5 or crowd.longest_waiting() is not None
                victim = crowd.enter(name, name[0], at, most=5, of_person=3)
                inside |= {name}
                inside -= {victim} if victim else set()
                assert len(inside) <= 5 or not has_space
            case "w":
                crowd.waits(name, at)
            case "x":
                crowd.works(name)
            case _:
                crowd.leave(name)
                inside -= {name}
        assert len(crowd) == len(inside)
    for name in list(inside):
        crowd.leave(name)
    assert (len(crowd), crowd.longest_waiting(), crowd._groups) == (0, None, {})


@pytest.mark.parametrize(
    ("limit", "share"),
    [(524_288, MOST_FOR_THE_WEB), (1024, 1024 - RESERVE), (256, 96), (200, 50), (64, 16), (3, 1)],
)
def test_the_web_server_gets_what_the_reserve_leaves(limit: int, share: int) -> None:
    assert share_of(limit) == share
