"""The examples for nginx and Caddy are read by nginx and Caddy themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import trustme

from config import LARGEST_REQUEST, LARGEST_UPLOAD, UPLOADS

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "proxy"
FETCHED = ROOT / ".make" / "proxies.d" / "usr"


def program(name: str) -> str:
    """Installed, or fetched by `make test`."""
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], f"{FETCHED}/bin", f"{FETCHED}/sbin"]))
    assert found, f"{name} is needed to check docs/proxy: make .make/proxies"
    return found


def run(*command: str | Path, home: Path) -> str:
    environment = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_nginx_takes_its_example(tmp_path: Path) -> None:
    certificate = trustme.CA().issue_cert("clinic.example")
    certificate.private_key_pem.write_to_path(tmp_path / "privkey.pem")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "fullchain.pem")
    site = (EXAMPLES / "nginx.conf").read_text()
    site = site.replace("/etc/letsencrypt/live/clinic.example", str(tmp_path)).replace("/var/log/nginx", str(tmp_path))
    # What is around a site is the machine's; places that need root are left alone.
    places = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid; events {{}} http {{ access_log off; {places}\n{site} }}")
    said = run(program("nginx"), "-t", "-e", "stderr", "-p", tmp_path, "-c", tmp_path / "nginx.conf", home=tmp_path)
    assert "test is successful" in said
    assert "[warn]" not in said


def test_caddy_takes_its_example(tmp_path: Path) -> None:
    example = EXAMPLES / "Caddyfile"
    said = run(program("caddy"), "validate", "--adapter", "caddyfile", "--config", example, home=tmp_path)
    assert "not formatted" not in said


def test_what_they_let_through_fits_the_service() -> None:
    """A proxy that takes more than the service does keeps what it will not use; one that takes less loses forms."""
    assert (LARGEST_REQUEST, LARGEST_UPLOAD) == (256 * 1024, 8 * 1024 * 1024)
    nginx, caddy = (EXAMPLES / "nginx.conf").read_text(), (EXAMPLES / "Caddyfile").read_text()
    assert "client_max_body_size 256k;" in nginx
    assert "max_size 256KB" in caddy
    assert f"location ~ ^{UPLOADS.pattern}$ {{\n        client_max_body_size 8m;" in nginx
    assert f"@pictures path_regexp ^{UPLOADS.pattern}$\n" in caddy
    assert f"@others not path_regexp ^{UPLOADS.pattern}$\n" in caddy
    assert "max_size 8MiB" in caddy
