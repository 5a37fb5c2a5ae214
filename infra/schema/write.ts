/** Writes what is made from the schema and the docstrings: `npm run schema`. */
import * as fs from "node:fs";
import * as path from "node:path";
import { architectureJsonSchema, SCHEMA_FILE } from "./json-schema";
import { REFERENCE_FILE, referencePage } from "./reference";

/** Every file by its path in the repository. */
export function generatedFiles(): Map<string, string> {
  const schema = architectureJsonSchema();
  return new Map([
    [SCHEMA_FILE, `${JSON.stringify(schema, undefined, 2)}\n`],
    [REFERENCE_FILE, referencePage(schema)],
  ]);
}

if (require.main === module) {
  for (const [file, content] of generatedFiles()) {
    fs.writeFileSync(path.resolve(__dirname, "../..", file), content);
  }
}
