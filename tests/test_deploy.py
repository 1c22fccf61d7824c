"""The deployment files are at least well formed, by the tools that will read them."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"


def run(*command: str) -> str:
    """What a tool says of a file; the test is skipped where the tool is not."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout + ran.stderr


def test_compose_names_only_what_it_has() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    for name, service in services.items():
        for needed in service.get("depends_on", ()):
            assert needed in services, f"{name} waits for {needed}, which is not there"
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            given = {"settings.toml", "secrets.toml", "tls"}  # by whoever installs it
            path = DEPLOY / source
            assert source in compose["volumes"] or path.name in given or path.is_file(), source
        assert set(service.get("networks", ())) <= set(compose["networks"])
        assert set(service.get("secrets", ())) <= set(compose["secrets"])
    assert (
        services["database"]["networks"] == ["inside"] and compose["networks"]["inside"]["internal"]
    )


def test_the_containers_have_no_password_in_them() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    assert "PASSWORD:" not in text and "@database" in text


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "secretpro.service"
    text = (DEPLOY / "secretpro.service").read_text(encoding="utf-8")
    # The account and the programs exist on the server, not here.
    text = text.replace("/opt/secretpro/.venv/bin/python", "/bin/true")
    text = text.replace("/opt/secretpro/.venv/bin/streamlit", "/bin/true")
    unit.write_text(text, encoding="utf-8")
    said = run("systemd-analyze", "verify", "--man=no", str(unit))
    ours = [line for line in said.splitlines() if "secretpro.service" in line]
    assert ours == []


def test_the_unit_is_confined() -> None:
    text = (DEPLOY / "secretpro.service").read_text(encoding="utf-8")
    for line in ("LimitCORE=0", "ProtectSystem=strict", "NoNewPrivileges=true", "UMask=0077"):
        assert line in text.splitlines()


def test_nginx_accepts_the_site(tmp_path: Path) -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "1", "-subj", "/CN=secret.example.org",
         "-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "fullchain.pem")],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    text = text.replace("/etc/ssl/secretpro/", f"{tmp_path}/")
    text = text.replace("/var/log/nginx/", f"{tmp_path}/")
    site = tmp_path / "nginx.conf"
    site.write_text(f"pid {tmp_path}/pid;\n{text}", encoding="utf-8")
    shutil.copy(DEPLOY / "upstream.conf", tmp_path)
    assert "test is successful" in run("nginx", "-t", "-p", str(tmp_path), "-c", str(site))


def test_the_example_of_the_login_is_toml() -> None:
    example = tomllib.loads((DEPLOY / "secrets.toml.example").read_text(encoding="utf-8"))
    assert set(example["auth"]) >= {"redirect_uri", "cookie_secret", "client_id", "client_secret"}


def test_the_script_of_the_roles_is_shell() -> None:
    run("bash", "-n", str(DEPLOY / "roles.sh"))
