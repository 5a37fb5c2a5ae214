/** Every command under the name that the user writes. */
import type { Command } from "../command";
import { cancel } from "./cancel";
import { clean } from "./clean";
import { completionOf } from "./completion";
import { config } from "./config";
import { destroy } from "./destroy";
import { doctor } from "./doctor";
import { exec } from "./exec";
import { explain } from "./explain";
import { exportManifests } from "./export";
import { graph } from "./graph";
import { imagesPin } from "./images-pin";
import { init } from "./init";
import { logs } from "./logs";
import { outputs } from "./outputs";
import { portForward } from "./port-forward";
import { preview } from "./preview";
import { ps } from "./ps";
import { refresh } from "./refresh";
import { stack } from "./stack";
import { up } from "./up";

export const commands: Record<string, Command> = {
  init,
  up,
  preview,
  refresh,
  outputs,
  destroy,
  /** What npm users say. */
  down: { ...destroy, summary: "the same as destroy" },
  stack,
  cancel,
  logs,
  ps,
  exec,
  "port-forward": portForward,
  config,
  explain,
  graph,
  export: exportManifests,
  doctor,
  clean,
  "images-pin": imagesPin,
  completion: completionOf(() => commands),
};
