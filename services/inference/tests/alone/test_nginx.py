"""A pod behind nginx as Debian has it: with defaults, and below a prefix."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from relevo_local.places.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

GET = Path(__file__).with_name("get-nginx.sh")
OWN = Path(__file__).parents[4] / ".tools/nginx/usr/sbin/nginx"
LARGE = b"x" * 9_000_000
LonePod = Any
Row = dict[str, Any]
IsProblem = Callable[[httpx.Response, int], Row]
CONFIGURATION = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream pod {{ server 127.0.0.1:{pod}; keepalive 4; }}
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 0;
        location / {{ proxy_pass http://127.0.0.1:{pod}; }}
        location /relevo/ {{
            proxy_pass http://pod/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header X-Forwarded-Prefix /relevo;
            proxy_set_header X-Request-ID $request_id;
            proxy_request_buffering off;
        }}
    }}
}}
"""


@pytest.fixture(scope="module")
def nginx() -> str:
    """The program; Debian's, where it is not there."""
    if found := shutil.which("nginx"):
        return found
    got = subprocess.run([GET], capture_output=True, text=True, check=False)
    if got.returncode:
        pytest.skip(f"there is no nginx: {got.stdout}{got.stderr}")
    return str(OWN)


@pytest.fixture(scope="module")
def proxy(
    nginx: str, lone_pod: LonePod, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Its address; the pod is at / and at /relevo/."""
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    folder.chmod(0o755)
    file = folder / "nginx.conf"
    text = CONFIGURATION.format(folder=folder, pod=lone_pod.port, port=port)
    file.write_text(f"user root;{text}" if os.geteuid() == 0 else text)
    with subprocess.Popen([nginx, "-c", file, "-p", folder]) as process:
        try:
            _until_it_listens(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _until_it_listens(url: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            httpx.get(url)
            return
        time.sleep(0.1)
    raise AssertionError("nginx does not listen")


@pytest.mark.parametrize("prefix", ["", "/relevo"])
def test_rows_and_batches_pass(proxy: str, example: Row, prefix: str) -> None:
    with httpx.Client(base_url=proxy + prefix) as client:
        one = client.post("/predict", json=example)
        many = client.post("/predict_batch", json=[example] * 1000)

    assert one.status_code == many.status_code == 200
    assert one.headers["x-relevo-pod"] == "lone"
    assert ("x-request-id" in one.headers) == bool(prefix)
    assert len(many.json()["predictions"]) == 1000


@pytest.mark.parametrize("prefix", ["", "/relevo"])
@pytest.mark.parametrize(("kind", "status"), [("application/json", 413), ("a/b", 415)])
def test_a_refusal_of_a_large_body_arrives(
    proxy: str, is_problem: IsProblem, prefix: str, kind: str, status: int
) -> None:
    headers = {"content-type": kind}
    with httpx.Client(base_url=proxy + prefix, timeout=30) as client:
        answers = [
            client.post("/predict_batch", content=LARGE, headers=headers) for _ in range(5)
        ]

    for answer in answers:
        is_problem(answer, status)


def test_below_a_prefix_the_docs_are_whole(proxy: str) -> None:
    with httpx.Client(base_url=proxy, follow_redirects=True) as client:
        page = client.get("/relevo/")
        script = page.text.partition('script src="')[2].partition('"')[0]

        assert page.url.path == "/relevo/docs"
        assert client.get(script).status_code == 200
        document = client.get("/relevo/openapi.json").json()
        assert document["servers"] == [{"url": "/relevo"}]


def test_a_connection_that_nginx_keeps_is_not_closed_first(proxy: str) -> None:
    """nginx gives an idle one up after 60 s; a pod after 75."""
    with httpx.Client(base_url=proxy) as client:
        statuses = set()
        for _ in range(20):
            statuses.add(client.head("/relevo/health").status_code)
            time.sleep(0.05)

    assert statuses == {200}
