"""Ports: free ones, the usual ones, the same ones again."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from relevo_local.places.port_book import PortBook
from relevo_local.places.ports import free_port, free_ports, is_free
from relevo_local.reports import Report, silent


@contextmanager
def taken(port: int) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", port)):
        yield


def test_free_ports_are_different_and_free() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert all(map(is_free, ports))


def test_a_port_with_a_listener_is_not_free() -> None:
    port = free_port()
    with taken(port):
        assert not is_free(port)
    assert is_free(port)


def test_the_usual_port_is_given_when_it_is_free(tmp_path: Path) -> None:
    usual = free_port()
    assert PortBook(tmp_path, silent).one("mlflow", usual) == usual


def test_a_taken_port_is_replaced_and_the_person_is_told(tmp_path: Path) -> None:
    usual, told = free_port(), list[Report]()
    with taken(usual):
        port = PortBook(tmp_path, told.append).one("pod-1", usual)
    assert port != usual
    assert [(report.kind, report.text) for report in told] == [
        ("notice", f"port {usual} is taken: pod-1 gets {port}")
    ]


def test_the_next_start_has_the_same_ports(tmp_path: Path) -> None:
    first = PortBook(tmp_path, silent)
    before = [first.one("a"), *first.several("b", 3), first.one("c")]

    again = PortBook(tmp_path, silent)
    # Asked in another order: what is remembered for `a` is not given to `c`.
    c, b, a = again.one("c"), again.several("b", 3), again.one("a")

    assert [a, *b, c] == before


def test_asking_twice_for_a_name_gives_the_same_port(tmp_path: Path) -> None:
    book = PortBook(tmp_path, silent)
    assert book.one("registry-watcher") == book.one("registry-watcher")


def test_no_port_is_given_to_two_names(tmp_path: Path) -> None:
    book = PortBook(tmp_path, silent)
    usual = free_port()
    assert book.one("a", usual) != book.one("b", usual)
