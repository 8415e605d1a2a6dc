// The public web clients, on the API's own port: node browser.mjs IMAGE URL
// IMAGE: the descriptors of the protocol files. By Connect and by gRPC-Web: a call, an error with
// its details, and a stream that is cut and continued.
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { AnySchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const [image, baseUrl] = process.argv.slice(2);
const files = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(image)));
const Orders = files.getService("order.OrderService");
const Ledger = files.getService("daybook.v1.LedgerService");
assert.ok(AnySchema);

async function tried(name, transport) {
  const orders = createClient(Orders, transport);
  const ledger = createClient(Ledger, transport);
  const orderId = `by-${name}`;
  const items = [{ productId: "teapot", quantity: 2, priceCents: 1000n }];
  const placed = await orders.createOrder({ orderId, customerId: "ada", currency: "EUR", items });
  assert.equal(placed.totalCents, 2000n);

  const refused = await orders.getOrder({ orderId: "nobody" }).catch((error) => error);
  assert.ok(refused instanceof ConnectError);
  assert.equal(refused.code, Code.NotFound);
  assert.ok(refused.details.some((detail) => detail.type === "google.rpc.ErrorInfo"));

  // Cut after the first event; continued after its position, while more is recorded.
  let position = placed.position - 1n;
  const seen = [];
  const take = async (count) => {
    const cut = new AbortController();
    const asked = { afterPosition: position, orderId };
    try {
      for await (const answer of ledger.subscribe(asked, { signal: cut.signal })) {
        if (answer.message.case !== "event") continue;
        position = answer.message.value.position;
        seen.push(answer.message.value.type);
        if (--count === 0) break;
      }
    } finally {
      cut.abort();
    }
  };
  const confirm = { case: "confirmOrder", value: {} };
  await take(1);
  await ledger.execute({ command: { orderId, command: confirm } });
  const cancel = { case: "cancelOrder", value: { reason: "tried" } };
  const rest = take(2);
  await ledger.execute({ command: { orderId, command: cancel } });
  await rest;
  assert.deepEqual(seen, ["OrderPlaced", "OrderConfirmed", "OrderCancelled"]);
  return seen.length;
}

const told = {
  connect: await tried("connect", createConnectTransport({ baseUrl })),
  binary: await tried("binary", createConnectTransport({ baseUrl, useBinaryFormat: true })),
  "grpc-web": await tried("grpc-web", createGrpcWebTransport({ baseUrl })),
};
console.log(JSON.stringify(told));
