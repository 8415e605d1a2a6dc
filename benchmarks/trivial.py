"""The handler to compare with: FastAPI as most people write it, validates and stores nothing."""

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field


class Item(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    product_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    quantity: int = Field(ge=1, le=10**6)
    price_cents: int = Field(ge=0, le=10**15 - 1)


class Order(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    order_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    customer_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    currency: str = Field(min_length=3, max_length=3)
    items: list[Item] = Field(min_length=1, max_length=200)
    shipping_cents: int = Field(default=0, ge=0, le=10**15 - 1)
    tax_cents: int = Field(default=0, ge=0, le=10**15 - 1)
    discount_cents: int = Field(default=0, ge=0, le=10**15 - 1)
    channel: str = Field(default="", max_length=500)


app = FastAPI()


@app.post("/v1/orders", status_code=201)
async def place(order: Order) -> dict[str, object]:
    return {
        "order_id": order.order_id,
        "revision": 0,
        "position": 1,
        "events": [{"event_id": "x", "type": "OrderPlaced", "revision": 0}],
        "replayed": False,
    }
