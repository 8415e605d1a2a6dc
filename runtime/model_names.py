"""The read models by name, in the order in which every list shows them."""

MODEL_NAMES = ("order", "shipment", "payment", "audit")
