// A client in another language, from the protocol files alone: node order.mjs FOLDER ADDRESS
// It places an order (twice, by one key), reads it, is refused, and follows it to its cancellation.
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import assert from "node:assert/strict";
import { promisify } from "node:util";

const [folder, address] = process.argv.slice(2);
const files = ["order/order_service.proto", "daybook/v1/ledger.proto"];
const definition = loader.loadSync(files, { includeDirs: [folder], longs: String, keepCase: true });
const known = grpc.loadPackageDefinition(definition);
const insecure = grpc.credentials.createInsecure();
const orders = new known.order.OrderService(address, insecure);
const ledger = new known.daybook.v1.LedgerService(address, insecure);
const call = (client, method) => promisify(client[method]).bind(client);
const execute = call(ledger, "Execute");

const order = {
  customer_id: "ada",
  currency: "EUR",
  idempotency_key: "from-node",
  items: [{ product_id: "teapot", quantity: 2, price_cents: "1000" }],
};
const placed = await call(orders, "CreateOrder")(order);
assert.equal(placed.total_cents, "2000");
assert.deepEqual(await call(orders, "CreateOrder")(order), placed);
const got = await call(orders, "GetOrder")({ order_id: placed.order_id });
assert.deepEqual(got, placed);

const missing = await call(orders, "GetOrder")({ order_id: "nobody" }).catch((error) => error);
assert.equal(missing.code, grpc.status.NOT_FOUND);
assert.ok(missing.metadata.get("grpc-status-details-bin")[0].includes("unknown-order"));
const wrong = await call(orders, "CreateOrder")({ ...order, items: [] }).catch((error) => error);
assert.equal(wrong.code, grpc.status.INVALID_ARGUMENT);

const followed = [];
const stream = orders.StreamOrderUpdates({ order_id: placed.order_id });
stream.on("error", (error) => {
  if (error.code !== grpc.status.CANCELLED) throw error;
});
const ended = new Promise((resolve) => {
  stream.on("data", (event) => {
    followed.push(event.event_type);
    if (event.event_type === "OrderCancelled") resolve();
  });
});
await execute({ command: { order_id: placed.order_id, confirm_order: {} } });
const cancelled = await execute({
  command: { order_id: placed.order_id, actor: "ada", cancel_order: { reason: "she was quicker" } },
});
assert.equal(cancelled.revision, "2");
await ended;
stream.cancel();
assert.deepEqual(followed, ["OrderPlaced", "OrderConfirmed", "OrderCancelled"]);
orders.close();
ledger.close();
console.log(JSON.stringify({ order_id: placed.order_id, followed }));
