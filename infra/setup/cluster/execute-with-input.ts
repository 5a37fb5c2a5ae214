/** Runs a program that reads something from its standard input. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { lastLines } from "../host";

/** Returns what the program prints; the error of one that fails ends with its last lines. */
export async function executeWithInput(
  program: string,
  args: string[],
  input: string | Buffer,
): Promise<string> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  // A program that fails at once does not read its input; why it failed is told below.
  child.stdin.on("error", () => {}).end(input);
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) {
    throw new Error(`"${program} ${args.join(" ")}" failed (${code}):\n${lastLines(output)}`);
  }
  return output;
}
