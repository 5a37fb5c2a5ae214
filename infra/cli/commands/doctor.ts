import { defineCommand, exitCodes, stackOption } from "../command";
import { plural } from "../display/format";
import { type Finding, problem } from "../doctor/finding";
import { checkNode, checkNpm, checkPulumi, checkState } from "../doctor/machine";
import { Session } from "../session";
import type { Style } from "../terminal";

const marks: Record<Finding["level"], { sign: string; style: Style }> = {
  fine: { sign: "✓", style: "green" },
  note: { sign: "·", style: "cyan" },
  warning: { sign: "!", style: "yellow" },
  problem: { sign: "✗", style: "red" },
};

export const doctor = defineCommand({
  summary: "check what an up needs on this machine, and say what to do about what is missing",
  arguments: [],
  options: stackOption,
  async run(context, { stack }) {
    const { terminal } = context;
    const findings: Finding[] = [];
    const tell = (...found: Finding[]) => {
      for (const finding of found) {
        findings.push(finding);
        const { sign, style } = marks[finding.level];
        terminal.line(`${terminal.style(style, sign)} ${finding.told}`);
        for (const line of finding.fix?.split("\n") ?? []) {
          terminal.line(`    ${line}`);
        }
      }
    };
    tell(checkNode(), await checkNpm(context), ...(await checkPulumi(context)));
    const session = new Session(context, stack);
    tell(...(await checkState(context, session, stack)));
    tell(...(await diagnoseTarget(session, context)));

    const problems = findings.filter(({ level }) => level === "problem").length;
    const warnings = findings.filter(({ level }) => level === "warning").length;
    const found = [
      ...(problems > 0 ? [plural(problems, "problem")] : []),
      ...(warnings > 0 ? [plural(warnings, "warning")] : []),
    ];
    terminal.line(found.length === 0 ? "All is well" : found.join(", "));
    return problems > 0 ? exitCodes.failed : exitCodes.done;
  },
});

async function diagnoseTarget(session: Session, context: Parameters<typeof checkNpm>[0]): Promise<Finding[]> {
  try {
    const { target, on } = await session.target();
    return await target.diagnose(context, on);
  } catch (error) {
    return [problem(error, "Mend the stack's configuration.")];
  }
}
