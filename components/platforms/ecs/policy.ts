import * as pulumi from "@pulumi/pulumi";

/** One permission of a role. */
export interface Statement {
  actions: string[];
  /** ARNs; `*` only where AWS knows no resource for the action. */
  resources: pulumi.Input<pulumi.Input<string>[]>;
  conditions?: Record<string, Record<string, pulumi.Input<string>>>;
}

/** A policy that allows these, as JSON; what would allow nothing at all is left out. */
export function policyDocument(statements: Statement[]): pulumi.Output<string> {
  return pulumi.output(statements).apply((known) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: known
        .filter(({ resources }) => resources.length > 0)
        .map(({ actions, resources, conditions }) => ({
          Effect: "Allow",
          Action: actions,
          Resource: resources,
          ...(conditions === undefined ? {} : { Condition: conditions }),
        })),
    }),
  );
}

/** A policy by which a service of AWS takes a role, where the conditions are met. */
export function trustPolicy(
  service: string,
  conditions?: Record<string, Record<string, pulumi.Input<string>>>,
): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { Service: service },
        ...(conditions === undefined ? {} : { Condition: conditions }),
      },
    ],
  });
}
