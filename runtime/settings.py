"""Settings: one typed object, read from the environment (DAYBOOK_...), nothing else.

docs/settings.md is printed from here, by `python -m docs.settings`.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, create_model, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from runtime.model_names import MODEL_NAMES
from runtime.urls import (
    ESDB_SCHEMES,
    KAFKA_SCHEMES,
    POSTGRES_FORM,
    check_postgres_url,
    is_esdb,
    is_kafka,
    is_loopback,
    is_postgres,
    named_database,
    parse_esdb_url,
    parse_kafka_url,
    redacted,
    refuse_plain_bus,
    refuse_plain_database,
    refuse_plain_text,
)

PREFIX = "DAYBOOK_"
STORE_SCHEMES = ("sqlite:///", "memory://", *ESDB_SCHEMES)
BUS_SCHEMES = KAFKA_SCHEMES
READ_SCHEME = "sqlite+aiosqlite:///"
CURRENCY_FORM = re.compile(r"[A-Za-z]{3}")
TOPIC_NAME = re.compile(r"(?!\.\.?$)[A-Za-z0-9._-]{1,249}")


class _FixedSettings(BaseSettings):
    """All but the databases of the read models."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid"
    )

    data_dir: Path = Field(
        default=Path("data"),
        description="Folder of everything Daybook writes; made on first use (0700).",
    )
    store: str = Field(
        default="",
        repr=False,
        description="The log: `sqlite:///<path>`, `esdb://user:password@host:2113` (see"
        " docs/operations/eventstoredb.md), or `memory://` (gone when `serve` ends)."
        " Empty: `sqlite:///<DATA_DIR>/ledger.db`.",
    )
    esdb_insecure: bool = Field(
        default=False,
        description="`true`: accept `Tls=false` in `STORE` also if the server is not on this"
        " machine. Events and their metadata then cross the network unencrypted.",
    )
    bus: str = Field(
        default="",
        repr=False,
        description="Empty: the workers follow the log directly. `kafka://host:9092,...` (plain"
        " text) or `kafka+ssl://user:password@host:9092,...` (TLS, SASL SCRAM-SHA-512): `serve` is"
        " the API alone, `daybook relay` publishes the log there, and workers follow that.",
    )
    bus_insecure: bool = Field(
        default=False,
        description="`true`: accept `kafka://` in `BUS` also if a broker is not on this machine."
        " Events and their metadata then cross the network unencrypted.",
    )
    topic: str = Field(
        default="daybook.order-events", description="Kafka's topic with the log's events."
    )
    topic_create: bool = Field(
        default=True,
        description="`false`: the relay makes no topic; it reports what to make, and waits for it.",
    )
    topic_partitions: int = Field(
        default=6,
        ge=1,
        le=10_000,
        description="Partitions of a topic the relay makes: at most so many workers share a model.",
    )
    topic_replication: int = Field(
        default=3,
        ge=1,
        le=32_767,
        description="Brokers that keep a copy of each partition; 1 where there is one broker.",
    )
    topic_min_insync: int = Field(
        default=2,
        ge=1,
        le=32_767,
        description="Copies that must be written before a record counts; 1 where there is one.",
    )
    topic_retention_h: int = Field(
        default=168,
        ge=0,
        le=10**6,
        description="Hours that Kafka keeps a record; 0: for ever. The log keeps every event.",
    )
    relay_buffer_bytes: int = Field(
        default=32 * 2**20,
        ge=2**16,
        le=2**34,
        description="Bytes of events that the relay has read and Kafka not yet acknowledged.",
    )
    sweep_s: float = Field(
        default=5.0,
        ge=0.05,
        le=3600,
        description="How often a worker that follows `BUS` compares the log with what it has"
        " applied, in seconds: what Kafka lost or never got is applied after at most twice that.",
    )
    db_insecure: bool = Field(
        default=False,
        description="`true`: accept a `postgresql+asyncpg://` that asks for no TLS also if the"
        " server is not on this machine. Rows then cross the network unencrypted.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="Address `serve` listens on. Loopback only: there is no authentication yet.",
    )
    port: int = Field(
        default=8000, ge=0, le=65535, description="Port `serve` listens on; 0: a free one."
    )
    grpc_port: Annotated[int, Field(ge=0, le=65535)] | Literal["auto", "off"] = Field(
        default="auto",
        description="Port `serve` and `grpc` answer gRPC on, at `HOST`; 0: a free one, which is"
        " logged. `auto`: 50051, and with `serve` none if that is taken or the extra `grpc` is not"
        " installed. `off`: none with `serve`.",
    )
    currency: str = Field(
        default="EUR",
        description="Of an order that gRPC's `CreateOrder` places without a currency (ISO 4217).",
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Host names besides loopback that requests may carry, separated by commas.",
    )
    body_max_bytes: int = Field(
        default=1_048_576, ge=1024, le=2**30, description="Largest body of a single command."
    )
    line_max_bytes: int = Field(
        default=1_048_576,
        ge=1024,
        le=2**30,
        description="Longest line of a bulk stream. As long as a body may be by default, so that"
        " bulk takes every order that its own route takes.",
    )
    bulk_window: int = Field(
        default=64,
        ge=1,
        le=100_000,
        description="Bulk lines under way at once, of all streams together.",
    )
    cache_events: int = Field(
        default=50_000,
        ge=0,
        le=10**7,
        description="Events of folded orders that the command side keeps in memory.",
    )
    wait_s: float = Field(
        default=2.0,
        ge=0,
        le=60,
        description="Longest wait of a query with `min_revision`, in seconds; 0 looks once.",
    )
    graphql_introspection: bool = Field(
        default=True,
        description="`false`: GraphQL (extra `graphql`) does not tell its schema, and there is no"
        " page GraphiQL at `/v1/graphql`. Operations are answered all the same.",
    )
    stop_s: float = Field(
        default=10.0, gt=0, le=300, description="Longest graceful stop after SIGTERM, in seconds."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least level that is logged: DEBUG, INFO, WARNING or ERROR."
    )
    log_format: Literal["auto", "plain", "json"] = Field(
        default="auto",
        description="`plain` or `json` lines on stderr; `auto`: plain on a terminal.",
    )
    traces: Literal["off", "stderr", "otlp"] = Field(
        default="off",
        description="`stderr`: every span as a line of JSON; `otlp`: to a collector, which the"
        " variables `OTEL_EXPORTER_OTLP_...` name. Costs throughput.",
    )
    metrics_host: str = Field(
        default="127.0.0.1",
        description="Address of `METRICS_PORT`. Any will do: nothing of an order is shown there.",
    )
    metrics_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="Port where `serve`, `relay` and `worker` answer `/metrics`, `/healthz` and"
        " `/readyz`, and nothing else; 0: a free one, which is logged. Empty: none.",
    )

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(host.strip() for host in value.split(",") if host.strip())
        return value

    @field_validator("host")
    @classmethod
    def _loopback_only(cls, value: str) -> str:
        if not is_loopback(value):
            raise ValueError(
                "this version has no authentication, so it listens on loopback only; "
                "set 127.0.0.1 and put a proxy that authenticates in front of it"
            )
        return value

    @field_validator("grpc_port", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        return int(value) if isinstance(value, str) and value.isdecimal() else value

    @field_validator("currency")
    @classmethod
    def _currency_code(cls, value: str) -> str:
        if not CURRENCY_FORM.fullmatch(value):
            raise ValueError("must be a currency code of ISO 4217, such as EUR")
        return value.upper()

    @field_validator("store")
    @classmethod
    def _known_store(cls, value: str) -> str:
        if value and not value.startswith(STORE_SCHEMES):
            raise ValueError("must be sqlite:///<path>, esdb://user:password@host or memory://")
        if is_esdb(value):
            parse_esdb_url(value)
        return value

    @field_validator("bus")
    @classmethod
    def _known_bus(cls, value: str) -> str:
        if value and (is_kafka(value) or not value.startswith(BUS_SCHEMES)):
            parse_kafka_url(value)
        return value

    @field_validator("topic")
    @classmethod
    def _topic_name(cls, value: str) -> str:
        if not TOPIC_NAME.fullmatch(value):
            raise ValueError("must be at most 249 letters, digits, dots, dashes and underscores")
        return value

    @property
    def store_url(self) -> str:
        return self.store or f"sqlite:///{self.data_dir / 'ledger.db'}"

    @property
    def in_memory(self) -> bool:
        return self.store_url.startswith("memory://")


def _known_database(value: str) -> str:
    if is_postgres(value):
        check_postgres_url(value)
    elif value and not value.startswith(READ_SCHEME):
        raise ValueError(f"must be {READ_SCHEME}<path> or {POSTGRES_FORM}")
    return value


if TYPE_CHECKING:
    _AllFields = _FixedSettings
else:  # a field <name>_db for each read model, which only create_model can add
    _AllFields = create_model(
        "_AllFields",
        __base__=_FixedSettings,
        **{
            f"{name}_db": (
                Annotated[str, AfterValidator(_known_database)],
                Field(
                    default="", repr=False, description=f"Read model `{name}`. Empty: see below."
                ),
            )
            for name in MODEL_NAMES
        },
    )


class Settings(_AllFields):
    """What can be set. Every field is the variable DAYBOOK_<FIELD>; unset means the default."""

    @model_validator(mode="after")
    def _databases_differ(self) -> Self:
        log = Path(self.store_url.partition("///")[2]).absolute()
        places: dict[str, str] = {}
        for name, url in self.read_urls.items():
            place = named_database(url) if is_postgres(url) else files_of(url)
            other = places.setdefault(place, name)
            both = "" if other == name else f"the read models {other} and {name}"
            if not is_postgres(url) and log == Path(url.partition("///")[2]).absolute():
                both = f"the log and the read model {name}"
            if both:
                hint = (
                    ""
                    if is_postgres(url)
                    else " (a `?` ends a path, and what is after its last dot does not count)"
                )
                raise ValueError(
                    f"{variable(f'{name}_db')}: {both} need a database of their own, and both are"
                    f" {place}{hint}"
                )
        return self

    @model_validator(mode="after")
    def _encrypted_or_local(self) -> Self:
        if is_esdb(self.store) and not self.esdb_insecure:
            refuse_plain_text(self.store)
        if is_kafka(self.bus) and not self.bus_insecure:
            refuse_plain_bus(self.bus)
        for name, url in self.read_urls.items():
            if is_postgres(url) and not self.db_insecure:
                refuse_plain_database(variable(f"{name}_db"), url)
        return self

    @model_validator(mode="after")
    def _relayable(self) -> Self:
        if self.bus and self.in_memory:
            raise ValueError(
                f"{variable('bus')} needs a log that the relay can read: not memory://"
            )
        if self.topic_min_insync > self.topic_replication:
            raise ValueError(
                f"{variable('topic_min_insync')} is above {variable('topic_replication')}: "
                "nothing could ever be published"
            )
        return self

    @property
    def read_urls(self) -> dict[str, str]:
        """Read model -> URL of its database, in the order of MODEL_NAMES."""
        return {
            name: getattr(self, f"{name}_db") or f"{READ_SCHEME}{self.data_dir / f'{name}.db'}"
            for name in MODEL_NAMES
        }

    def shown(self) -> dict[str, Any]:
        """All settings with their defaults, without passwords: for a screen or a log."""
        databases = {f"{name}_db": url for name, url in self.read_urls.items()}
        values = self.model_dump(mode="json") | {"store": self.store_url} | databases
        return {
            name: redacted(value) if isinstance(value, str) else value
            for name, value in values.items()
        }


def files_of(url: str) -> str:
    """What the names of a read model's SQLite files begin with: the path without its suffix, links
    resolved.
    """
    path = Path(url.removeprefix(READ_SCHEME).partition("?")[0])
    return str(path.parent.resolve() / path.stem)


def variable(field: str) -> str:
    return PREFIX + field.upper()
