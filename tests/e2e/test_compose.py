"""docker-compose.yml: what it promises, and a night that its very commands carry out natively on a real Postgres."""

from __future__ import annotations

import base64
import importlib.resources
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from kpi_pipeline.contracts.settings import load_settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
# What .env.example says of a variable, commented out or not.
EXAMPLE = dict(
    re.findall(r"^(?:# )?([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
)
SERVICES: dict[str, Any] = COMPOSE["services"]
AIRFLOW = sorted(name for name in SERVICES if name.startswith("airflow-"))
LONG_RUNNING = ["airflow-apiserver", "airflow-dag-processor", "airflow-scheduler", "airflow-triggerer"]

# ${NAME}, ${NAME:-default} and ${NAME:?message}; $$ is compose's way to write one dollar.
VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<word>[^}]*))?\}")


def test_it_follows_the_compose_specification() -> None:
    schema = importlib.resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.validate(COMPOSE, json.loads(schema.read_text(encoding="utf-8")))


def test_every_service_is_there() -> None:
    assert set(AIRFLOW) == {*LONG_RUNNING, "airflow-init"}
    assert set(SERVICES) == {*AIRFLOW, "postgres", "superset"}


def test_secrets_come_from_the_environment_and_have_no_default() -> None:
    found = 0
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            inside = re.search(r"://[^:/@]+:([^@]*)@", str(value))
            if inside or re.search("PASSWORD|SECRET|KEY|TOKEN", name):
                secret = VARIABLE.fullmatch(inside[1] if inside else str(value))
                assert secret, f"{name} holds a literal secret"
                assert secret["kind"] == "?", f"{name} has a default"
                assert secret["word"], f"{name} does not say what is missing"
                found += 1
    assert found > 0


def test_the_example_explains_every_setting_with_its_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # no .env of whoever runs the tests
    for name in [name for name in os.environ if name.startswith("KPI_")]:
        monkeypatch.delenv(name)
    defaults = load_settings()
    documented = {name: value for name, value in EXAMPLE.items() if name.startswith("KPI_")}
    assert documented.keys() == {f"KPI_{name.upper()}" for name in type(defaults).model_fields}
    for name, value in documented.items():
        if value:
            monkeypatch.setenv(name, value)
    assert load_settings() == defaults


def test_the_example_explains_every_variable_of_the_compose_file() -> None:
    used = {match["name"]: match["kind"] for match in VARIABLE.finditer(TEXT)}
    assert used
    assert not used.keys() - EXAMPLE.keys()
    required = {name for name, kind in used.items() if kind == "?"}
    assert all(EXAMPLE[name] == "" for name in required), "an example secret would be used as it is"


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_every_airflow_service_says_whether_it_is_well(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["depends_on"]["airflow-init"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", AIRFLOW)
def test_airflow_reads_exports_and_the_companys_folder_and_writes_its_home(name: str) -> None:
    mounts = {mount["target"]: mount.get("read_only", False) for mount in SERVICES[name]["volumes"]}
    assert mounts["/data/exports"] is True
    assert mounts["/data/company"] is True
    assert mounts["/data/kpi"] is False


def test_the_bi_tool_sees_what_is_published_read_only_and_nothing_else_of_the_warehouse() -> None:
    mounts = [mount for mount in SERVICES["superset"]["volumes"] if mount["source"] == "kpi-home"]
    assert [(mount["target"], mount["read_only"], mount["volume"]["subpath"]) for mount in mounts] == [
        ("/published", True, "published")
    ]


# --- The same commands, natively ------------------------------------------------------------------------------------


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _postgres_programs() -> Path:
    """Debian keeps initdb and pg_ctl outside PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    found = shutil.which("initdb", path=os.pathsep.join([os.environ["PATH"], *map(str, folders)]))
    if not found:
        pytest.fail("This test starts a PostgreSQL of its own and needs its programs: apt-get install postgresql")
    return Path(found).resolve().parent


@contextmanager
def _postgres(password: str) -> Iterator[int]:
    """A PostgreSQL on a free loopback port, with the user and the database that the compose file names."""
    programs, port = _postgres_programs(), _free_port()
    environment = SERVICES["postgres"]["environment"]
    user, database = environment["POSTGRES_USER"], environment["POSTGRES_DB"]
    # A folder of its own: PostgreSQL refuses to run as root, and its user may not look into root's temporary folders.
    folder = Path(tempfile.mkdtemp(prefix="kpi-postgres-"))
    (folder / "password").write_text(password)
    as_user: list[str] = []
    if os.getuid() == 0:
        for path in (folder, folder / "password"):
            shutil.chown(path, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]

    def call(*command: str | Path) -> None:
        # The server keeps its parent's output open: a pipe would never end.
        with (folder / "output.log").open("a") as log:
            done = subprocess.run(
                [*as_user, *map(str, command)],
                stdout=log,
                stderr=log,
                cwd=folder,
                env=os.environ | {"PGPASSWORD": password},
                check=False,
            )
        assert done.returncode == 0, f"{command[0]} failed:\n{(folder / 'output.log').read_text()}"

    data = folder / "data"
    call(programs / "initdb", "-D", data, "-U", user, "--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "-N")
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
    call(programs / "pg_ctl", "-D", data, "-l", folder / "server.log", "-o", options, "-w", "start")
    try:
        call(programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", user, database)
        yield port
    finally:
        call(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)


class _Machine:
    """The compose file's services as processes: its commands and its variables, with this machine's ports and paths."""

    def __init__(self, folder: Path, postgres_port: int, values: dict[str, str]) -> None:
        self.folder = folder
        self.values = values
        self.api_port, health_port = _free_port(), _free_port()
        self.here = {
            "@postgres:5432/": f"@127.0.0.1:{postgres_port}/",
            "http://airflow-apiserver:8080": self.url,
            "http://localhost:8080": self.url,
            "http://localhost:8974": f"http://127.0.0.1:{health_port}",
            "/data/exports": str(ROOT / "tests" / "real" / "exports"),
            "/data/company": str(ROOT / "tests" / "real"),
            "/data/kpi": str(folder / "kpi"),
        }
        # What the image sets, and what else differs outside a container.
        self.image = {
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.api_port),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST": "127.0.0.1",
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(health_port),
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(_free_port()),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(_free_port()),
            # No interval of this schedule has ended since the DAG's first day: the only run is the one asked for.
            "KPI_SCHEDULE": "0 0 29 2 *",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    def native(self, text: str) -> str:
        """A string of the compose file as compose would hand it on, pointing at this machine."""
        text = VARIABLE.sub(lambda match: self.values.get(match["name"], match["word"] or ""), text).replace("$$", "$")
        for theirs, ours in self.here.items():
            text = text.replace(theirs, ours)
        return text

    def environment(self, service: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "KPI_"))}
        given = {name: self.native(str(value)) for name, value in SERVICES[service]["environment"].items()}
        return kept | self.image | given

    def log(self, service: str) -> Path:
        return self.folder / f"{service}.log"

    def start(self, service: str) -> subprocess.Popen[bytes]:
        with self.log(service).open("wb") as log:
            self.processes[service] = subprocess.Popen(
                [self.native(word) for word in SERVICES[service]["command"]],
                env=self.environment(service),
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self.processes[service]

    def healthy(self, service: str) -> bool:
        """What the compose file's health check of the service says."""
        assert self.processes[service].poll() is None, f"{service} ended:\n{self.tail(service)}"
        command = [self.native(word) for word in SERVICES[service]["healthcheck"]["test"][1:]]
        return not subprocess.run(command, env=self.environment(service), capture_output=True, check=False).returncode

    def tail(self, service: str) -> str:
        return "\n".join(self.log(service).read_text(errors="replace").splitlines()[-40:])

    def errors(self) -> str:
        """What the tasks' logs say of errors, exception by exception."""
        lines = []
        for path in sorted((self.folder / "airflow" / "logs").rglob("attempt=*.log")):
            for line in path.read_text().splitlines():
                entry = json.loads(line)
                if entry.get("level") == "error":
                    lines.append(f"{path.parent.name}: {entry['event']}")
                    lines += [f"  {error['exc_type']}: {error['exc_value']}" for error in entry.get("error_detail", [])]
        return "\n".join(lines)

    def stop(self) -> None:
        """End what was started here: each service leads a process group of its own."""
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def request(self, method: str, path: str, body: object = None, token: str = "") -> Any:
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {}),
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            pytest.fail(f"{method} {path}: {error.code} {error.read().decode()}")


def _wait(what: str, seconds: float, done: Callable[[], bool], explain: Callable[[], str] = str) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            pytest.fail(f"After {seconds} s still not: {what}\n{explain()}")
        time.sleep(1)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[_Machine]:
    values = {
        name: secrets.token_hex(32)
        for name in ("POSTGRES_PASSWORD", "AIRFLOW_JWT_SECRET", "AIRFLOW_SECRET_KEY", "AIRFLOW_ADMIN_PASSWORD")
    }
    values["AIRFLOW_FERNET_KEY"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    with _postgres(values["POSTGRES_PASSWORD"]) as port:
        machine = _Machine(tmp_path, port, values)
        try:
            yield machine
        finally:
            machine.stop()


@pytest.mark.long
def test_a_night_on_postgres(machine: _Machine) -> None:
    assert machine.start("airflow-init").wait(timeout=120) == 0, machine.tail("airflow-init")

    for service in LONG_RUNNING:
        machine.start(service)
    for service in LONG_RUNNING:
        _wait(f"{service} is well", 120, lambda: machine.healthy(service), lambda: machine.tail(service))  # noqa: B023

    who = {"username": "admin", "password": machine.values["AIRFLOW_ADMIN_PASSWORD"]}
    token = machine.request("POST", "/auth/token", who)["access_token"]

    def ask(method: str, path: str, body: object = None) -> Any:
        return machine.request(method, f"/api/v2{path}", body, token)

    assert ask("GET", "/pools/warehouse")["slots"] == 1

    def listed() -> set[str]:
        return {dag["dag_id"] for dag in ask("GET", "/dags")["dags"]}

    _wait("both DAGs are read", 60, lambda: listed() == {"kpi_nightly", "kpi_backfill"}, lambda: str(listed()))
    assert ask("GET", "/importErrors")["total_entries"] == 0

    night = ask("POST", "/dags/kpi_nightly/dagRuns", {"logical_date": None, "conf": {"as_of": "2024-06-30"}})
    run = f"/dags/kpi_nightly/dagRuns/{night['dag_run_id']}"
    ask("PATCH", "/dags/kpi_nightly", {"is_paused": False})

    def states() -> dict[str, str]:
        return {task["task_id"]: task["state"] for task in ask("GET", f"{run}/taskInstances")["task_instances"]}

    def finished() -> bool:
        return ask("GET", run)["state"] in {"success", "failed"}

    _wait("the night is over", 300, finished, lambda: str(states()))
    assert set(states().values()) == {"success"}, f"{states()}\n{machine.errors()}"

    release = (machine.folder / "kpi" / "published" / "current").resolve()
    assert (release / "kpi.duckdb").stat().st_size > 0
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["as_of"] == "2024-06-30"
