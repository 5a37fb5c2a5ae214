/** Files that published Go modules carry, such as definitions of custom resources: fetched when a test wants them. */
import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";

/** The YAML files in a folder of a module, by name. */
export async function moduleFiles(module: string, folder: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)("go", ["mod", "download", "-json", module]);
  const { Dir } = JSON.parse(stdout) as { Dir: string };
  const directory = path.join(Dir, folder);
  const names = fs.readdirSync(directory).filter((name) => name.endsWith(".yaml"));
  return names.sort().map((name) => fs.readFileSync(path.join(directory, name), "utf8"));
}

/** Definitions of KEDA's custom resources. */
export const kedaDefinitions = () => moduleFiles("github.com/kedacore/keda/v2@v2.21.0", "config/crd/bases");

/** Definitions of the Gateway API's standard channel. */
export const gatewayApiDefinitions = () =>
  moduleFiles("sigs.k8s.io/gateway-api@v1.4.0", "config/crd/standard");
