"""Apache Kafka from its published jars: one broker that is its own controller, on loopback.

`python -m tests.parts.kafka` fetches the jars and starts one until it is interrupted.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from tests.parts.ports import free_ports

VERSION = "4.1.1"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "daybook"
FETCH_S_MAX = 300.0
START_S_MAX = 180.0
STOP_S_MAX = 15.0

POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>daybook</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
      <version>{version}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId>
      <version>{version}</version>
    </dependency>
  </dependencies>
</project>
"""

PROPERTIES = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
log.dirs={folder}/data
num.network.threads=2
num.io.threads=2
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
# Else a broker that was killed is waited for: 11 seconds instead of 3.
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
"""

SECURED = """\
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port},SASL_SSL://127.0.0.1:{secured_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},SASL_SSL://127.0.0.1:{secured_port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={module} required;
ssl.keystore.type=PKCS12
ssl.keystore.location={folder}/broker.p12
ssl.keystore.password={secret}
"""
"""These come after those above: of two lines for one property the last one counts."""
KEYSTORE_SECRET = "changeit"


class Missing(Exception):
    """No broker can be started here; says what is lacking."""


def jars() -> Path:
    """The folder of the jars; fetched when they are used for the first time. Raises Missing."""
    folder = CACHE / f"kafka-{VERSION}"
    if not folder.is_dir():
        _need("java")
        _need("mvn")
        CACHE.mkdir(parents=True, exist_ok=True)
        with (CACHE / "kafka.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.is_dir():  # another process may have fetched them meanwhile
                _fetch(folder)
    return folder


def java(main: str, *arguments: str, heap: str = "512m") -> list[str]:
    """The command that runs a class of Kafka's. Raises Missing."""
    return [
        *(_need("java"), f"-Xmx{heap}", "-XX:+UseSerialGC"),
        *("-cp", f"{jars()}/*", main, *arguments),
    ]


class Kafka:
    """A broker with its data in a folder; killed, paused and started again at will."""

    def __init__(
        self,
        folder: Path,
        *,
        users: Mapping[str, str] | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> None:
        """Start it. Raises Missing where that is not possible on this machine.

        users: passwords by user; it then listens on secured_port too, with TLS and SCRAM.
        properties: other than those above.
        """
        self.folder = folder
        self.users = users or {}
        self.port, self.secured_port, controller_port = free_ports(3)
        self._properties = folder / "server.properties"
        text = PROPERTIES.format(port=self.port, controller_port=controller_port, folder=folder)
        if self.users:
            _make_certificate(folder)
            text += SECURED.format(
                port=self.port,
                secured_port=self.secured_port,
                controller_port=controller_port,
                folder=folder,
                secret=KEYSTORE_SECRET,
                module="org.apache.kafka.common.security.scram.ScramLoginModule",
            )
        text += "".join(f"{name}={value}\n" for name, value in (properties or {}).items())
        self._properties.write_text(text)
        self._child: subprocess.Popen[bytes] | None = None
        self._format()
        self.start()

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """As the setting BUS takes it."""
        return f"kafka://{self.bootstrap}"

    @property
    def certificate(self) -> Path:
        """The broker's own, in PEM: for a client that is to trust it."""
        return self.folder / "broker.pem"

    def secured_url(self, user: str, password: str) -> str:
        """As the setting BUS takes it: TLS and SCRAM."""
        login = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"kafka+ssl://{login}@127.0.0.1:{self.secured_port}?TlsCaFile={self.certificate}"

    @property
    def pid(self) -> int:
        assert self._child is not None, "the broker does not run"
        return self._child.pid

    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._child is not None and self._child.poll() is not None

    def start(self) -> None:
        """Returns when it takes connections."""
        assert self._child is None, "the broker runs already"
        command = java("kafka.Kafka", str(self._properties))
        with self._output.open("ab") as output:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C is for who started it: it is stopped last
            )
        deadline = time.monotonic() + START_S_MAX
        while not self._answers():
            if self._child.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the broker did not start:\n{self._last_words()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """In order; with force when it takes too long."""
        if self._child is None:
            return
        self._child.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(STOP_S_MAX)
        self.kill()

    def kill(self) -> None:
        """SIGKILL; nothing where it does not run."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    def restart(self) -> None:
        """Killed, and started again on the same port and data."""
        self.kill()
        self.start()

    def recover(self) -> None:
        """Whatever was done to it, it runs."""
        if self._child is None:
            self.start()
        self.resume()

    def pause(self) -> None:
        """It holds its connections and answers nothing, until resume."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    @property
    def _output(self) -> Path:
        return self.folder / "kafka.out"

    def _format(self) -> None:
        storage = ["format", "--standalone", "-t", str(uuid4()), "-c", str(self._properties)]
        for user, password in self.users.items():
            storage += ["--add-scram", f"SCRAM-SHA-512=[name={user},password={password}]"]
        with self._output.open("ab") as output:
            done = subprocess.run(
                java("kafka.tools.StorageTool", *storage, heap="128m"),
                stdout=output,
                stderr=output,
                timeout=START_S_MAX,
                check=False,
            )
        if done.returncode:
            raise RuntimeError(f"the broker's folder cannot be made:\n{self._last_words()}")

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def _last_words(self) -> str:
        return self._output.read_text(errors="replace")[-4000:]


@contextlib.contextmanager
def running(
    folder: Path | None = None,
    *,
    users: Mapping[str, str] | None = None,
    properties: Mapping[str, str] | None = None,
) -> Iterator[Kafka]:
    """A broker for the block; its folder goes with it unless one is given. Raises Missing."""
    with tempfile.TemporaryDirectory(prefix="daybook-kafka-") as temporary:
        kafka = Kafka(folder or Path(temporary), users=users, properties=properties)
        try:
            yield kafka
        finally:
            kafka.kill()  # what it would still write, nobody reads


def _fetch(folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="kafka-", dir=CACHE) as name:
        (Path(name) / "pom.xml").write_text(POM.format(version=VERSION))
        done = subprocess.run(
            [
                *(_need("mvn"), "--batch-mode", "--quiet", "dependency:copy-dependencies"),
                "-DoutputDirectory=jars",
            ],
            cwd=name,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=FETCH_S_MAX,
            check=False,
        )
        if done.returncode:
            raise Missing(f"Maven cannot fetch Kafka's jars:\n{done.stdout[-2000:]}")
        (Path(name) / "jars").rename(folder)


def _make_certificate(folder: Path) -> None:
    """A key pair for the broker, signed by itself, and its certificate for clients."""
    store = ("-keystore", str(folder / "broker.p12"), "-storepass", KEYSTORE_SECRET)
    made = ("-genkeypair", "-alias", "broker", "-keyalg", "EC", "-dname", "CN=daybook-test")
    for command in (
        (*made, "-ext", "SAN=ip:127.0.0.1", "-validity", "2", "-storetype", "PKCS12"),
        ("-exportcert", "-alias", "broker", "-rfc", "-file", str(folder / "broker.pem")),
    ):
        subprocess.run(
            [_need("keytool"), *command, *store], check=True, capture_output=True, timeout=60
        )


def _need(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise Missing(f"no `{program}` on PATH: Kafka needs Java 17 and, once, Maven")
    return found


if __name__ == "__main__":
    with running() as broker, contextlib.suppress(KeyboardInterrupt):
        print(broker.url, flush=True)  # noqa: T201 - what it is started for
        signal.pause()
