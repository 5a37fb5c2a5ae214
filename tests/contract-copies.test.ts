import assert from "node:assert/strict";
import * as fs from "node:fs";
import { test } from "node:test";

test("orders has the contract that payments serves", () => {
  const [served, copied] = ["services/payments/payments.proto", "services/orders/proto/payments.proto"].map(
    (file) => fs.readFileSync(file, "utf8"),
  );
  assert.equal(copied, served, "copy services/payments/payments.proto to services/orders/proto/");
});
