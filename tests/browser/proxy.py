"""A reverse proxy that shows one server below a prefix: takes the prefix off, or not."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PREFIX = "/relevo"
NOT_PASSED_ON = {"connection", "transfer-encoding"}


@contextmanager
def running_proxy(upstream: str, *, strips: bool) -> Iterator[str]:
    """The address of the proxy, prefix included, while the block lasts."""
    netloc = urlsplit(upstream).netloc

    class Passing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith(PREFIX):
                return self.send_error(404)
            path = self.path.removeprefix(PREFIX) if strips else self.path
            connection = HTTPConnection(netloc, timeout=30)
            connection.request("GET", path or "/", headers=dict(self.headers))
            answer = connection.getresponse()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in NOT_PASSED_ON:
                    self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # the browser has left
                while piece := answer.read1():
                    self.wfile.write(piece)
            connection.close()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{PREFIX}"
    server.shutdown()
    server.server_close()
    thread.join()
