import { type Awaiter, condition, failed, READY, waiting } from "./awaiter";

/** The server serves the new kind. */
export const definitionAwaiter: Awaiter = {
  judge({ live }) {
    const names = condition(live, "NamesAccepted");
    if (names?.status === "False") return failed(names.message ?? "its names are taken");
    return condition(live, "Established")?.status === "True" ? READY : waiting("waits to be established");
  },
};
