/** The suite's architecture with a registry of three servers. */
import { defineArchitecture } from "../../infra/architecture";
import architecture from "./architecture";

export default defineArchitecture({ ...architecture, registry: { kind: "etcd", nodes: 3 } });
