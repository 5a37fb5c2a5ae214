/**
 * What one resource type of the aws package is in AWS's own API: data, read by provider.ts.
 *
 * In strings, `{inputs.…}`, `{outputs.…}`, `{id}`, `{region}`, `{location}`
 * (the same, nothing in S3's first region), `{value}` (the input that a request is for) and
 * `{result.…}` (what the create answered) stand for values; a string that is nothing else becomes the value itself,
 * and what has no value is left out.
 */
import type { Json } from "../emulator";

/** An operation, with parameters beside those that the inputs map to. */
export type Call = [operation: string, parameters: Json];

/** A call, with a JMESPath expression for what is meant of its answer. */
export type Query = [operation: string, parameters: Json, select: string];

/** A request of its own for some inputs; `{value}` is the first one's. */
export interface Also {
  inputs: string[];
  call: Call;
  /**
   * When the create takes them itself: only for later changes.
   * @default false
   */
  onlyUpdates?: boolean;
}

export interface AwsType {
  /** As botocore names it. */
  service: string;
  /** Its inputs become parameters by name; those in `also`, `ignore` and templates alone do not. */
  create: Call;
  /** Where the id is in the answer; a template, or a query for those that do not answer with it. */
  id: string | Query;
  /** What an answer to the create has when it was done and failed all the same, and where it says why. */
  failed?: [sign: string, reason: string];
  /** What the answer has that `read` needs, by output. */
  created?: Record<string, string>;
  read: Query;
  /** A found resource is gone in one of these states, e.g. `{ status: "INACTIVE" }`. */
  gone?: Record<string, string>;
  /** Undefined: every change replaces it, except those in `also`. */
  update?: Call;
  delete: Call[];
  also?: Also[];
  /** Requests after the create. */
  afterwards?: Call[];
  /** Parameters for inputs that the API calls otherwise, both by dotted path; inside lists the new name alone. */
  rename?: Record<string, string>;
  /** What an input's value is called in the API. */
  values?: Record<string, Record<string, string>>;
  /** Inputs by path in what is found, for one that is imported; tags come with them. */
  imported?: Record<string, string>;
  /** Inputs that steer Pulumi's plugin and are no parameter. */
  ignore?: string[];
  /** Inputs whose change asks for a new resource although the update takes them. */
  replace?: string[];
  /** Inputs that an update sends only where they changed, as others may have changed the value meanwhile. */
  onlyChanged?: string[];
  /** Outputs by path in what is found, or a template; inputs are outputs anyway. */
  outputs?: Record<string, string>;
  /** Outputs that are made from others by what a pattern catches in them. */
  parts?: Record<string, [output: string, pattern: RegExp]>;
  /** Resource type of its `TagSpecifications`. */
  tagged?: string;
  /** How tags change later, where the service's way is not it. */
  retag?: Call;
  /** Inputs that name it: a new one of the same name can only be made after the old one is deleted. */
  named?: string[];
  /** What has to hold of what is found before a create or update is done, and what can never become true any more. */
  ready?: (found: Json, inputs: Json) => true | string;
}
