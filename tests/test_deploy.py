"""The deployment files are at least well formed, by the tools that will read them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from packaging.utils import canonicalize_name

from corpus.passage import KINDS
from deploy import supply_chain
from evaluation import bench_stores_page

Record = Callable[[str, object], None]
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
    text = re.sub(r"/\S+/bin/(?:python|streamlit)\b", "/bin/true", text)
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


def test_the_page_of_the_shared_index_holds_the_figures_measured() -> None:
    text = bench_stores_page.PAGE.read_text(encoding="utf-8")
    report = json.loads(bench_stores_page.RESULTS.read_text(encoding="utf-8"))
    assert bench_stores_page.page(text, report) == text


def test_the_figures_of_the_shared_index_are_those_promised() -> None:
    """100,000 passages: under a filter on one kind, the recall of exact search, in 20 ms."""
    report = json.loads(bench_stores_page.RESULTS.read_text(encoding="utf-8"))
    assert report["passages"] >= 100_000
    rows = {(row["home"].split(",")[0], row["search"]): row for row in report["rows"]}
    for kind in KINDS:
        exact = rows["faiss flat (exact)", f"kind {kind}"]
        found = [
            row
            for row in report["rows"]
            if row["search"] == f"kind {kind}" and row["home"].startswith("PostgreSQL")
        ]
        assert len(found) == 2
        for row in found:
            assert row["recall"] >= exact["recall"] - 0.01, row
            assert row["p50"] < 20, row
    for plans in report["plans"].values():
        graphs = [plan for name, plan in plans.items() if not name.startswith("guide")]
        assert len(graphs) == 2 and all("Index Scan" in plan for plan in graphs), plans


# Supply chain


def test_every_dependency_is_on_the_page_of_licences() -> None:
    text = (DEPLOY.parent / "docs" / "licences.md").read_text(encoding="utf-8").lower()
    needed = supply_chain.closure()
    assert len(needed) > 100
    missing = [
        found.metadata["Name"]
        for found in needed.values()
        if f"| {found.metadata['Name'].lower()} |" not in text
    ]
    assert missing == [], "run deploy/supply_chain.py licences"
    assert "| not said |" not in text


def test_every_version_of_the_constraints_has_its_hash() -> None:
    def versions(path: Path) -> dict[str, str]:
        lines = path.read_text(encoding="utf-8").splitlines()
        pairs = (line.split(" ")[0].split("==") for line in lines if line and line[0] != "#")
        return {canonicalize_name(name): version for name, version in pairs}

    assert versions(supply_chain.LOCKED) == versions(supply_chain.CONSTRAINTS)
    lines = supply_chain.LOCKED.read_text(encoding="utf-8").splitlines()
    whole = re.compile(r"#.*|\S+==\S+ --hash=sha256:[0-9a-f]{64}")
    assert all(map(whole.fullmatch, lines))


@pytest.mark.slow
def test_the_bill_of_materials_holds_what_is_installed(tmp_path: Path) -> None:
    out = tmp_path / "sbom.json"
    assert supply_chain.sbom(out) == 0
    made = json.loads(out.read_text(encoding="utf-8"))
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    listed = {canonicalize_name(part["name"]): part["version"] for part in made["components"]}
    needed = {name: found.version for name, found in supply_chain.closure().items()}
    assert needed.items() <= listed.items()


@pytest.mark.slow
def test_no_known_fault_in_what_is_installed(
    capfd: pytest.CaptureFixture[str], record_property: Record
) -> None:
    status = supply_chain.audit(strict=False)
    said = capfd.readouterr().out
    assert status == 0, said
    looked_up = re.search(r"audit: ([1-9]\d*) looked up", said)
    if looked_up is None:
        assert (
            "audit: 0 looked up" in said
        )  # and not another form of words, which would hide faults
        pytest.skip(f"pip-audit's database does not answer here: {said.strip()}")
    what = "distributions looked up by pip-audit, no known fault"
    record_property("reliability", f"31|{what}|{looked_up[1]}|distributions")
