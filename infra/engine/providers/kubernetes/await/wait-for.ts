/** The program's own conditions: the annotation `pulumi.com/waitFor`. */
import type { Properties } from "../../../provider";
import { isObject, type Value } from "../../../wire/values";
import { type Awaiter, condition, READY, waiting } from "./awaiter";

type Test = (live: Properties) => boolean;

/** Waits for one condition, or for all of a JSON list, e.g. `condition=Ready` or `jsonpath={.status.phase}=Bound`. */
export function waitForAwaiter(text: string): Awaiter {
  const expressions: string[] = text.trimStart().startsWith("[") ? JSON.parse(text) : [text];
  const tests = expressions.map((expression) => ({ expression, holds: parse(expression) }));
  return {
    judge({ live }) {
      const missing = tests.find(({ holds }) => !holds(live));
      return missing ? waiting(`waits for ${missing.expression}`) : READY;
    },
  };
}

function parse(expression: string): Test {
  const byCondition = /^condition=([^=]+)(?:=(.+))?$/.exec(expression);
  if (byCondition) {
    const [, type, wanted = "True"] = byCondition;
    return (live) => condition(live, type)?.status.toLowerCase() === wanted.toLowerCase();
  }
  const byPath = /^jsonpath=\{?(\.[^}=]+)\}?(?:=(.*))?$/.exec(expression);
  if (byPath) {
    const [, path, wanted] = byPath;
    return (live) => {
      const found = at(live, steps(path));
      return wanted === undefined ? found !== undefined : String(found) === wanted;
    };
  }
  throw new Error(
    `The annotation pulumi.com/waitFor does not understand "${expression}". Write condition=TYPE[=STATUS] or jsonpath={.PATH}[=VALUE].`,
  );
}

function steps(path: string): string[] {
  return [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]/g)].map(([, key, index]) => key ?? index);
}

function at(value: Value, [step, ...rest]: string[]): Value {
  if (step === undefined) return value;
  return isObject(value) || Array.isArray(value) ? at((value as Properties)[step], rest) : undefined;
}
