"""The server: this machine only, reading only, and a clean end."""

from __future__ import annotations

import http.client
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from litrev.cli.serving import Page, Server, serve
from tests.conftest import CommandLine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")

Start = Callable[..., tuple[subprocess.Popen[str], int]]


@pytest.fixture
def served() -> Iterator[int]:
    """The port of a server in this process, that says what it was asked."""
    said: list[str] = []
    server = Server(0, lambda asked: Page(f"asked {asked!r}", "default-src 'none'"), said.append)
    thread = threading.Thread(target=serve, args=(server,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    assert said == []


@pytest.fixture
def start(library: CommandLine) -> Iterator[Start]:
    """Start a server; its process and its port."""
    running = []

    def run(*words: str) -> tuple[subprocess.Popen[str], int]:
        process = subprocess.Popen(
            [sys.executable, "-m", "litrev", "serve", "--port", "0", *words],
            cwd=library.folder,
            env={**library.environ, "LITREV_USER": "reader"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        assert process.stdout is not None
        url = urlsplit(process.stdout.readline().strip())
        assert (url.scheme, url.hostname, url.path) == ("http", "127.0.0.1", "/")
        assert url.port
        return process, url.port

    yield run
    for process in running:
        process.kill()
        process.communicate()


def ask(
    port: int, path: str = "/", method: str = "GET", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, headers=headers or {})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, dict(answer.getheaders()), text


def test_the_report_is_served_anew_for_each_visit_and_each_query(
    start: Start, library: CommandLine
) -> None:
    _, port = start()
    status, headers, text = ask(port)
    assert status == 200
    assert 'data-r="0"' in text
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'sha256-")
    library.ok("add", "-", "--key", "fresh", stdin="A fresh abstract. We used questionnaires.")
    assert ">fresh</button>" in ask(port)[2]
    text = ask(port, "/?q=" + quote("key:fresh OR fresh"))[2]
    assert text.count("<tr role=") == 2  # the head and one paper
    assert 'value="key:fresh OR fresh"' in text


def test_a_faulty_query_is_shown_with_its_fault(start: Start) -> None:
    _, port = start()
    status, headers, text = ask(port, "/?q=" + quote("year:> <script>"))
    assert status == 400
    assert 'role="alert"' in text
    assert "^" in text
    assert "<script>" not in text.split("</style>")[1]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    status, _, text = ask(port, "/?q=nothingatall")
    assert (status, "nothing matches nothingatall" in text) == (404, True)


def test_the_query_of_the_command_line_holds_until_another_is_asked_for(start: Start) -> None:
    _, port = start("astral")
    assert ask(port)[2].count("<tr role=") == 2
    assert ask(port, "/?q=")[2].count("<tr role=") > 4


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "FOO"])
def test_only_reading_is_allowed(served: int, method: str) -> None:
    status, headers, _ = ask(served, method=method)
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_head_says_what_get_would_send(served: int) -> None:
    status, headers, text = ask(served, method="HEAD")
    assert (status, text) == (200, "")
    assert headers["Content-Length"] == str(len(ask(served)[2].encode()))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1"}, 403),
        ({"Host": "127.0.0.1.evil.example:PORT"}, 403),
        ({"Host": ""}, 403),
        ({"Host": "localhost:PORT"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:PORT"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
def test_other_sites_are_refused(served: int, headers: dict[str, str], status: int) -> None:
    found, _, text = ask(
        served,
        headers={name: value.replace("PORT", str(served)) for name, value in headers.items()},
    )
    assert found == status
    assert ("asked" in text) is (status == 200)


def test_only_one_path_is_there(served: int) -> None:
    assert ask(served, "/library.db")[0] == 404
    assert ask(served, "/../litrev.toml")[0] == 404
    assert ask(served, "/favicon.ico")[0] == 204


def test_a_body_is_not_taken_for_the_next_request(served: int) -> None:
    body = f"GET /?q=smuggled HTTP/1.1\r\nHost: 127.0.0.1:{served}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served), timeout=10) as connection:
        connection.sendall(
            (
                f"GET /?q=own HTTP/1.1\r\nHost: 127.0.0.1:{served}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}"
            ).encode()
        )
        answers = b"".join(iter(lambda: connection.recv(4096), b""))
    assert b"asked 'own'" in answers
    assert b"smuggled" not in answers


def test_what_fails_is_said_in_a_line() -> None:
    said: list[str] = []

    def fail(asked: str | None) -> Page:
        raise ValueError("no such thing")

    server = Server(0, fail, said.append)
    thread = threading.Thread(target=serve, args=(server,))
    thread.start()
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        ask(server.server_port)
    server.shutdown()
    thread.join()
    assert said == ["litrev: a request could not be answered: ValueError: no such thing"]


def test_a_request_that_is_none_gets_no_traceback(start: Start) -> None:
    process, port = start()
    for data in (
        b"\x00\xff\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /?q=%ff%00 HTTP/1.1\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(100)
    assert ask(port)[0] == 200
    process.send_signal(signal.SIGINT)
    assert "Traceback" not in process.communicate(timeout=20)[1]


def test_several_visitors_at_once(start: Start) -> None:
    _, port = start()
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda n: ask(port, f"/?q={'interview' if n % 2 else ''}"), range(12))
        )
    assert {status for status, _, _ in answers} == {200}
    assert len({text for _, _, text in answers}) == 2


def test_the_library_is_not_written(start: Start, library: CommandLine, tmp_path: Path) -> None:
    library.ok("log")
    before = (library.folder / "library.db").read_bytes()
    _, port = start()
    ask(port, "/?q=interview")
    ask(port, "/?q=year:%3E")
    assert (library.folder / "library.db").read_bytes() == before


def test_ctrl_c_ends_it_well(start: Start) -> None:
    process, port = start()
    ask(port)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0
    assert said == "press Ctrl-C to stop\n"


def test_a_port_that_is_taken_is_said(library: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = library("serve", "--port", str(port))
    assert (done.status, done.out) == (5, "")
    assert done.err.startswith(f"litrev: port {port} is in use by another program\n")
    assert library("serve", "--port", "70000").status == 2


def test_a_query_that_cannot_be_read_or_a_library_that_is_not_there_stop_it_at_once(
    library: CommandLine, tmp_path: Path
) -> None:
    assert library("serve", "year:>", "--port", "0").status == 2
    assert library("-C", str(tmp_path / "nowhere"), "serve", "--port", "0").status == 5


def test_a_library_that_goes_away_is_told(start: Start, library: CommandLine) -> None:
    _, port = start()
    shutil.move(library.folder / "library.db", library.folder / "elsewhere.db")
    status, _, text = ask(port)
    assert status in {404, 503}
    assert 'role="alert"' in text
