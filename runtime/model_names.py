"""The read models: the one list that settings, commands, deployment and documents follow.

A read model is a name here and a folder of this name in projections/read_models; see
docs/howto/add-a-read-model.md. `make reference` writes anew what is printed from this list.
"""

from typing import Final

MODEL_NAMES: Final = ("order", "shipment", "payment", "audit")
"""In the order in which they are listed and rebuilt."""
