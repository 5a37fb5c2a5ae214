/** Whether a role may do something, by the policies that it has in the emulated account. */
import type { AwsClient, Json } from "../emulator";

export class Permissions {
  constructor(private readonly aws: AwsClient) {}

  /** @throws Error when no policy of the role allows it. */
  async demand(roleArn: string | undefined, action: string, resource: string): Promise<void> {
    if (roleArn === undefined) throw new Error(`${action} on ${resource} needs a role, and there is none`);
    const role = roleArn.split("/").at(-1)!;
    const statements = await this.statements(role);
    const isAllowed = statements.some(
      ({ Effect, Action, Resource }) =>
        Effect === "Allow" && some(Action, action) && some(Resource, resource),
    );
    if (!isAllowed) throw new Error(`${role} is not authorized to perform ${action} on ${resource}`);
  }

  private async statements(role: string): Promise<Json[]> {
    const names: string[] = await this.aws.call("iam", "ListRolePolicies", { RoleName: role }, "PolicyNames");
    const documents = await Promise.all(
      names.map((PolicyName) =>
        this.aws.call("iam", "GetRolePolicy", { RoleName: role, PolicyName }, "PolicyDocument"),
      ),
    );
    return documents.flatMap(({ Statement }) => Statement);
  }
}

/** Whether one of the patterns of a policy, with its `*` and `?`, matches. */
function some(patterns: string | string[], text: string): boolean {
  return [patterns].flat().some((pattern) => {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`^${escaped.replace(/\*/g, ".*").replace(/\?/g, ".")}$`, "s").test(text);
  });
}
