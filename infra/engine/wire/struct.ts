/**
 * Property values as protobuf's Struct, in which they travel.
 */
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Properties } from "../provider";
import { clean } from "./values";

export function toStruct(properties: Properties): Struct {
  return Struct.fromJavaScript(clean(properties)); // it throws on undefined members
}

export function fromStruct(struct: Struct | undefined): Properties {
  return (struct?.toJavaScript() ?? {}) as Properties;
}
