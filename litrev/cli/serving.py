"""A report made anew for each visit: a server for this machine alone, that reads and never writes."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer, TCPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from litrev.errors import EnvironmentFault, LitrevError, NotFound, UsageFault

ADDRESS = "127.0.0.1"
_SILENCE = 30.0  # seconds that a visitor may say nothing


class Page(NamedTuple):
    """What is answered: an HTML text, the policy it is shown under, and the status."""

    html: str
    policy: str
    status: HTTPStatus = HTTPStatus.OK


Make = Callable[[str | None], Page]


class Server(ThreadingHTTPServer):
    """Answers ``GET /`` with what ``make`` makes of the query, which is None where none was given."""

    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # elsewhere that would let two servers share a port

    def __init__(self, port: int, make: Make, say: Callable[[str], None]) -> None:
        self.make, self.say = make, say
        try:
            super().__init__((ADDRESS, port), _Handler)
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
            what = (
                "is in use by another program"
                if error.errno == errno.EADDRINUSE
                else "may not be used by you"
            )
            raise EnvironmentFault(
                f"port {port} {what}",
                "Choose another with --port N, or any free one with --port 0.",
            ) from error

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{ADDRESS}:{self.server_port}/"

    def server_bind(self) -> None:
        """Bind without asking a name server what this machine is called."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = ADDRESS, self.socket.getsockname()[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor who went away is no fault; anything else is said in a line."""
        import sys

        fault = sys.exception()
        if not isinstance(fault, (ConnectionError, TimeoutError)):
            self.say(f"litrev: a request could not be answered: {type(fault).__name__}: {fault}")


class _Handler(BaseHTTPRequestHandler):
    """One visit."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "litrev", ""
    timeout = _SILENCE

    def do_GET(self) -> None:
        """Answer, or refuse."""
        if "Content-Length" in self.headers or "Transfer-Encoding" in self.headers:
            self.close_connection = (
                True  # a body is not read, and must not be taken for the next request
            )
        refusal = self._refusal()
        path = urlsplit(self.path)
        if refusal:
            self._send(HTTPStatus.FORBIDDEN, f"litrev: {refusal}\n")
        elif path.path == "/favicon.ico":
            self._send(HTTPStatus.NO_CONTENT, "")
        elif path.path != "/":
            self._send(HTTPStatus.NOT_FOUND, "litrev: there is nothing here but /\n")
        else:
            asked = parse_qs(
                path.query, keep_blank_values=True, max_num_fields=20, errors="replace"
            ).get("q")
            page = self.server.make(asked[-1] if asked else None)
            self._send(page.status, page.html, "text/html", page.policy)

    def do_HEAD(self) -> None:
        """As GET, without the text."""
        self.do_GET()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Any method but GET and HEAD is not allowed; other faults as they are, in plain text."""
        status = (
            HTTPStatus.METHOD_NOT_ALLOWED
            if code == HTTPStatus.NOT_IMPLEMENTED
            else HTTPStatus(code)
        )
        self.close_connection = True  # a body that was sent along is not read
        self._send(status, f"litrev: {status.phrase.lower()}\n")

    def log_message(self, format: str, *args: Any) -> None:
        """Keep no log of visits."""

    def _refusal(self) -> str:
        """Why this visit is not from a page of ours or from the address line; empty if it is."""
        own = {f"{name}:{self.server.server_port}" for name in (ADDRESS, "localhost")}
        hosts, origins = self.headers.get_all("Host", []), self.headers.get_all("Origin", [])
        if len(hosts) != 1 or hosts[0].strip().casefold() not in own:
            return "this server answers to 127.0.0.1 and localhost only"
        if any(
            origin.strip().casefold() not in {f"http://{host}" for host in own}
            for origin in origins
        ):
            return "this server answers no other site"
        if self.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
            return "this server answers no other site"
        return ""

    def _send(
        self,
        status: HTTPStatus,
        text: str,
        kind: str = "text/plain",
        policy: str = "default-src 'none'",
    ) -> None:
        data = text.encode()
        self.send_response(status)
        headers = {
            "Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(data)), "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
            "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
            "Cross-Origin-Resource-Policy": "same-origin",
        }  # fmt: skip
        if status is HTTPStatus.NO_CONTENT:
            headers = {
                name: value for name, value in headers.items() if not name.startswith("Content-")
            }
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = "GET, HEAD"
        if self.close_connection:
            headers["Connection"] = "close"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def status_of(fault: LitrevError) -> HTTPStatus:
    """The status that a page about ``fault`` is sent with."""
    if isinstance(fault, NotFound):
        return HTTPStatus.NOT_FOUND
    return (
        HTTPStatus.BAD_REQUEST if isinstance(fault, UsageFault) else HTTPStatus.SERVICE_UNAVAILABLE
    )


def serve(server: BaseServer) -> None:
    """Answer until interrupted."""
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return
    finally:
        server.server_close()
