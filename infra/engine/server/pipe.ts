/**
 * The engine's end of the pipe to the program.
 */
import type { Duplex } from "node:stream";
import { receive, send } from "../host/frames.cjs";
import { failure, type Method, type ServedServices } from "./methods";
import { StatusError, UNIMPLEMENTED } from "./status";

/** Answers the calls that come through the pipe, until the program has ended. */
export function serveByPipe(pipe: Duplex, services: ServedServices): void {
  const served = new Map<string, Method>();
  for (const [service, methods] of Object.entries(services)) {
    for (const [name, method] of Object.entries(methods)) served.set(pathOf(service, name), method);
  }
  const answer = async (path: string, array: unknown[]) => {
    const method = served.get(path);
    if (!method) throw new StatusError(UNIMPLEMENTED, `The embedded engine does not serve ${path}.`);
    return method.answer(new method.Request(array));
  };
  receive(pipe, async ([call, path, array]) => {
    const told = await answer(path, array).then(
      (response) => [call, null, response.toArray()],
      (error) => [call, failure(error)],
    );
    // The program may have ended meanwhile: then nobody waits for the answer.
    if (pipe.writable) send(pipe, told);
  });
  pipe.on("error", () => {}); // how the program ends is told by its exit code
}

/** How gRPC names a method. */
const pathOf = (service: string, [first, ...rest]: string) =>
  `/pulumirpc.${service}/${first.toUpperCase()}${rest.join("")}`;
