// Sends operations as GraphiQL makes them: queries and mutations as JSON, subscriptions by the
// distinct connections mode of graphql-sse.

const ADDRESS = "/v1/graphql";

export function fetcher(request, options) {
  const headers = { ...options?.headers, "Content-Type": "application/json" };
  return isSubscription(request, options) ? follow(request, headers) : answer(request, headers);
}

function isSubscription(request, options) {
  const operations = (options?.documentAST?.definitions ?? []).filter(
    (each) => each.kind === "OperationDefinition",
  );
  const asked = operations.find((each) => each.name?.value === request.operationName);
  return (asked ?? operations[0])?.operation === "subscription";
}

async function answer(request, headers) {
  const response = await fetch(ADDRESS, {
    method: "POST",
    headers: { ...headers, Accept: "application/json" },
    body: JSON.stringify(request),
  });
  return response.json();
}

export async function* follow(request, headers, address = ADDRESS) {
  const response = await fetch(address, {
    method: "POST",
    headers: { ...headers, Accept: "text/event-stream" },
    body: JSON.stringify(request),
  });
  if (!response.headers.get("Content-Type").startsWith("text/event-stream")) {
    yield await response.json();
    return;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const messages = (rest + value).split("\n\n");
      rest = messages.pop();
      for (const message of messages) {
        const [event, data] = message.split("\n");
        if (event === "event: complete") return;
        if (event === "event: next") yield JSON.parse(data.slice("data: ".length));
      }
    }
  } finally {
    await reader.cancel();
  }
}
