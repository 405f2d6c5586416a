"""Whose address counts, and whose wrong tokens are counted together."""

from ipaddress import ip_network

import pytest

from callcentre.web.peers import MOST_ADDRESSES, WINDOW, WRONG_TOKENS, WrongTokens, client_of, customer_of

PROXIES = [ip_network("127.0.0.1"), ip_network("10.0.0.0/24"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.7", [], "198.51.100.7"),
        ("198.51.100.7", ["203.0.113.9"], "198.51.100.7"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["1.1.1.1", "203.0.113.9, 10.0.0.7"], "203.0.113.9"),
        ("127.0.0.1", ["10.0.0.7"], "10.0.0.7"),
        ("127.0.0.1", ["203.0.113.9, unknown"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9:4711"], "127.0.0.1"),
        ("127.0.0.1", ["", ","], "127.0.0.1"),
        ("fd00::1", ["2001:DB8::1"], "2001:db8::1"),
        ("unknown", ["203.0.113.9"], "unknown"),
        ("127.0.0.1", [", ".join(["10.0.0.7"] * 5000)], "10.0.0.7"),
        # A zone may contain any character, and means nothing outside its machine.
        ("10.0.0.1", ["fe80::1%\x00eth0"], "10.0.0.1"),
    ],
)
def test_only_a_trusted_proxy_says_who_asks(peer: str, forwarded: list[str], client: str) -> None:
    assert client_of(peer, forwarded, PROXIES) == client


@pytest.mark.parametrize(
    ("address", "customer"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("unknown", "unknown"),
    ],
)
def test_an_ipv6_customer_is_a_network(address: str, customer: str) -> None:
    assert customer_of(address) == customer


def test_wrong_tokens_are_counted_by_address_and_minute() -> None:
    wrong = WrongTokens()
    assert [wrong.too_many("a", 0) for _ in range(WRONG_TOKENS + 1)] == [False] * WRONG_TOKENS + [True]
    assert not wrong.too_many("b", 1)
    assert wrong.too_many("a", WINDOW - 1)
    assert not wrong.too_many("a", WINDOW)


def test_addresses_without_end_take_no_memory() -> None:
    wrong = WrongTokens()
    for number in range(10 * MOST_ADDRESSES):
        wrong.too_many(f"10.{number >> 8}.{number & 255}.1", 0)
    assert len(wrong) == MOST_ADDRESSES
