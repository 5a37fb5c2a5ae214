import { z } from "zod";
import { secretKinds } from "../../secrets";
import { keysOf, number } from "./terms";

const length = number
  .int()
  .min(12)
  .max(128)
  .optional()
  .describe("Letters and digits of a password, 12 to 128. Default: 32.");

export const secret = z.strictObject({
  kind: keysOf(secretKinds)
    .default("password")
    .describe("`password`: letters and digits. `private-key`: one of ECDSA P-256, in PEM (PKCS #8)."),
  length,
  output: z
    .boolean()
    .default(false)
    .describe("Makes it an output of the stack, by its name: kept and shown as a secret."),
});
