import { fetcher } from "./operations.js";

const FIRST = `# Ctrl+Enter runs it. The documentation of all fields is behind the book.
{
  orders(limit: 10) {
    items {
      orderId
      state
      totalCents
      payments { items { paymentId method capturedCents } }
    }
    next
  }
}
`;

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, { fetcher, defaultQuery: FIRST, shouldPersistHeaders: false }),
);
