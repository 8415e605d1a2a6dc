"""The read models, by name: what the list in runtime/model_names.py leads to."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from projections.projection import Projection
from runtime.model_names import MODEL_NAMES


class Incomplete(Exception):
    """A read model of the list has no projection; the message says where one is looked for."""


def projection_of(name: str) -> Projection[Any]:
    """PROJECTION of projections/read_models/<name>/projection.py. Raises Incomplete."""
    package = f"projections.read_models.{name}"
    place = f"projections/read_models/{name}/projection.py"
    listed = f"the read model {name} is in MODEL_NAMES (runtime/model_names.py)"
    if find_spec(package) is None or find_spec(f"{package}.projection") is None:
        raise Incomplete(f"{listed}, but there is no {place}")
    found = getattr(import_module(f"{package}.projection"), "PROJECTION", None)
    if not isinstance(found, Projection):
        raise Incomplete(f"{listed}, but {place} has no PROJECTION of the type Projection")
    if found.name != name:
        raise Incomplete(f"{listed}, but PROJECTION in {place} has the name {found.name}")
    return found


MODELS: Final[dict[str, Projection[Any]]] = {name: projection_of(name) for name in MODEL_NAMES}
