import type { Policy } from "../filter";
import { typed } from "../vocabulary";

const FILTER = "body-limit";
const PER_ROUTE = "extensions.filters.http.buffer.v3.BufferPerRoute";

/** Bodies that are too large are refused: what is within the limit is held until it is complete. */
export const bodyLimit: Policy = {
  filters({ routes }) {
    // Each route says its own.
    const config = typed("extensions.filters.http.buffer.v3.Buffer", { max_request_bytes: 1 });
    return routes.some(({ maxBodyKiB }) => maxBodyKiB !== undefined)
      ? [{ name: FILTER, config, on: "routes" }]
      : [];
  },
  ofRoute({ maxBodyKiB }) {
    return maxBodyKiB === undefined
      ? {}
      : { [FILTER]: typed(PER_ROUTE, { buffer: { max_request_bytes: maxBodyKiB * 1024 } }) };
  },
};
