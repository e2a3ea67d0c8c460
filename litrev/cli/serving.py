"""A server that makes a report anew for each visit: for this machine alone, and reading only."""

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
_TIMEOUT = 30.0  # seconds that a browser may send nothing
# Of every answer, beside its type, length and policy.
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Page(NamedTuple):
    """An answer: the HTML of a page, its content security policy, and the status."""

    html: str
    policy: str
    status: HTTPStatus = HTTPStatus.OK


# Makes the page for a query; None is a visit without one.
Make = Callable[[str | None], Page]


class Server(ThreadingHTTPServer):
    """Answers ``GET /`` with the page that ``make`` returns for the query, or for None without one.

    It listens on this machine alone. ``port`` 0 is any free one. ``say`` gets a line about each
    fault. Each connection has a thread of its own, so ``make`` may be called in several at once.
    Raises EnvironmentFault when the port cannot be used.
    """

    # So that Ctrl-C does not wait for browsers that keep their connections open.
    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # elsewhere that would let two servers share a port

    def __init__(self, port: int, make: Make, say: Callable[[str], None]) -> None:
        self.make = make
        self.say = say
        try:
            super().__init__((ADDRESS, port), _Handler)
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
            in_use = error.errno == errno.EADDRINUSE
            reason = "is in use by another program" if in_use else "may not be used by you"
            raise EnvironmentFault(
                f"port {port} {reason}",
                "Choose another with --port N, or any free one with --port 0.",
            ) from error

    @property
    def url(self) -> str:
        """The address that a browser opens."""
        return f"http://{ADDRESS}:{self.server_port}/"

    def server_bind(self) -> None:
        """Bind without asking a name server what this machine is called."""
        TCPServer.server_bind(self)
        self.server_name = ADDRESS
        self.server_port = self.socket.getsockname()[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report a fault in a line; a browser that went away is not one."""
        import sys

        fault = sys.exception()
        if not isinstance(fault, (ConnectionError, TimeoutError)):
            self.say(f"litrev: a request could not be answered: {type(fault).__name__}: {fault}")


class _Handler(BaseHTTPRequestHandler):
    """One visit."""

    server: Server
    # With the older default, HTTP/1.0, every visit would need a connection of its own.
    protocol_version = "HTTP/1.1"
    server_version = "litrev"
    sys_version = ""
    timeout = _TIMEOUT

    def do_GET(self) -> None:
        """Answer, or refuse."""
        if "Content-Length" in self.headers or "Transfer-Encoding" in self.headers:
            # A body is not read, and must not be taken for the next request.
            self.close_connection = True
        refusal = self._refusal()
        url = urlsplit(self.path)
        if refusal:
            self._send(HTTPStatus.FORBIDDEN, f"litrev: {refusal}\n")
        elif url.path == "/favicon.ico":
            self._send(HTTPStatus.NO_CONTENT, "")
        elif url.path != "/":
            self._send(HTTPStatus.NOT_FOUND, "litrev: the only page here is /\n")
        else:
            page = self.server.make(_query(url.query))
            self._send(page.status, page.html, "text/html", page.policy)

    def do_HEAD(self) -> None:
        """As GET, without the text."""
        self.do_GET()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Any method but GET and HEAD is not allowed; other faults as they are, in plain text."""
        status = HTTPStatus(code)
        # What the base class says of a method that this class does not have.
        if status is HTTPStatus.NOT_IMPLEMENTED:
            status = HTTPStatus.METHOD_NOT_ALLOWED
        self.close_connection = True  # a body that was sent along is not read
        self._send(status, f"litrev: {status.phrase.lower()}\n")

    def log_message(self, format: str, *args: Any) -> None:
        """Keep no log of visits."""

    def _refusal(self) -> str:
        """Why this visit is not from a page of ours or from the address line; empty if it is."""
        own_hosts = {f"{name}:{self.server.server_port}" for name in (ADDRESS, "localhost")}
        own_origins = {f"http://{host}" for host in own_hosts}
        hosts = self.headers.get_all("Host", [])
        # A site whose name leads to 127.0.0.1 could otherwise read the report in its own name.
        if len(hosts) != 1 or hosts[0].strip().casefold() not in own_hosts:
            return "this server answers to 127.0.0.1 and localhost only"
        origins = self.headers.get_all("Origin", [])
        is_own = all(origin.strip().casefold() in own_origins for origin in origins)
        # What a browser says of the page that asks: "none" is the address line.
        site = self.headers.get("Sec-Fetch-Site", "none")
        if not is_own or site not in {"none", "same-origin"}:
            return "this server does not answer other sites"
        return ""

    def _send(
        self,
        status: HTTPStatus,
        text: str,
        kind: str = "text/plain",
        policy: str = "default-src 'none'",
    ) -> None:
        """Send one answer: a text of a kind, under a content security policy."""
        data = text.encode()
        self.send_response(status)
        headers = {
            "Content-Type": f"{kind}; charset=utf-8",
            "Content-Length": str(len(data)),
            "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
            **_HEADERS,
        }
        if status is HTTPStatus.NO_CONTENT:  # which has no length (RFC 9110), and no type
            headers = dict(_HEADERS)
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = "GET, HEAD"
        if self.close_connection:
            headers["Connection"] = "close"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def _query(query_string: str) -> str | None:
    """The last ``q`` of the address; None where there is none.

    >>> _query("q=trust+AND+risk"), _query("q="), _query("page=2")
    ('trust AND risk', '', None)
    """
    # An empty one counts, for an empty form asks for all records.
    parameters = parse_qs(query_string, keep_blank_values=True, max_num_fields=20, errors="replace")
    queries = parameters.get("q")
    return queries[-1] if queries else None


def status_of(fault: LitrevError) -> HTTPStatus:
    """The status that a page about ``fault`` is sent with: 404, 400, or 503."""
    if isinstance(fault, NotFound):
        return HTTPStatus.NOT_FOUND
    if isinstance(fault, UsageFault):
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.SERVICE_UNAVAILABLE


def serve(server: BaseServer) -> None:
    """Answer until interrupted by Ctrl-C, then close the server."""
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return
    finally:
        server.server_close()
