import { getFileSystem } from "@pulumi/aws/efs/getFileSystem";
import { Provider } from "@pulumi/aws/provider";
import * as pulumi from "@pulumi/pulumi";
import { stackPrefix } from "../shared/stack-prefix";
import { LONGEST, limited } from "./names";

/** What AWS tells a stack's file system by: no account has two of them with the same one. */
export function creationTokenOf(prefix: string): string {
  return limited(`${prefix}-volumes`, LONGEST.token);
}

/**
 * ID of the file system that the platform of this name has in this region, also when no state knows it any more, as after
 * `flotilla down --keep-data`; undefined where there is none.
 *
 * @example
 * const region = "eu-central-1";
 * const platform = keptFileSystem("shop", region).then(
 *   (fileSystemId) => new EcsPlatform("shop", { region, fileSystemId }),
 * );
 */
export async function keptFileSystem(platform: string, region: string): Promise<string | undefined> {
  const provider = new Provider(`${platform}-kept`, { region });
  const creationToken = creationTokenOf(stackPrefix(pulumi.getProject(), platform, pulumi.getStack()));
  try {
    return (await getFileSystem({ creationToken }, { provider })).id;
  } catch {
    // That there is none is an error, too. Whatever else it is, making one fails with the same words.
    return undefined;
  }
}
