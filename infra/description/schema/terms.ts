/**
 * Words of which the schema is made. What a field means stands once: at the class that has it, under the interface that
 * `id` names, or else in the schema. The JSON Schema and the reference take it from there.
 */
import { z } from "zod";

/** Names of a table as an enumeration. */
export const keysOf = <T extends object>(table: T) => z.enum(Object.keys(table) as [keyof T & string]);

export const text = z.string();
export const number = z.number();
