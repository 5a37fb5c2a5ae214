/** The check of a schedule: cron fields that every target can keep. */
import { checkWhole } from "./fields";
import type { Problems } from "./problems";
import type { ScheduleArgs } from "./scaling-metrics";

/** The fields of a time, with the lowest and highest number of each. */
const FIELDS: [name: string, lowest: number, highest: number][] = [
  ["minute", 0, 59],
  ["hour", 0, 23],
  ["day of month", 1, 31],
  ["month", 1, 12],
  ["day of week", 0, 6],
];

/** Records everything that is wrong with a schedule of a service that may have `most` replicas. */
export function checkSchedule(problems: Problems, at: string, schedule: ScheduleArgs, most: number): void {
  checkTime(problems, `${at}.start`, schedule.start, "0 8 * * 1-5");
  checkTime(problems, `${at}.end`, schedule.end, "0 18 * * 1-5");
  if (schedule.start === schedule.end) {
    problems.add(`${at}.end`, "must differ from start", schedule.end, "Write when the time ends.");
  }
  if (schedule.timezone !== undefined && !isTimezone(schedule.timezone)) {
    problems.add(
      `${at}.timezone`,
      "must be an IANA name",
      schedule.timezone,
      'Write one like "Europe/Zurich".',
    );
  }
  checkWhole(problems, `${at}.min`, schedule.min, { min: 1, max: most, unit: "replicas" });
}

function checkTime(problems: Problems, at: string, time: string, example: string): void {
  const fields = time.split(" ");
  if (fields.length !== FIELDS.length) {
    const names = FIELDS.map(([name]) => name).join(", ");
    problems.add(at, `must have five fields (${names})`, time, `Write one like "${example}".`);
    return;
  }
  fields.forEach((field, index) => {
    const [name, lowest, highest] = FIELDS[index];
    if (!field.split(",").every((part) => isPart(part, lowest, highest))) {
      const rule = `must have "*" or numbers from ${lowest} to ${highest} as ${name}, like "${lowest}" or "${lowest}-${highest}"`;
      problems.add(at, rule, time, `Correct "${field}".`);
    }
  });
  const [, , dayOfMonth, , dayOfWeek] = fields;
  if (dayOfMonth !== "*" && dayOfWeek !== "*") {
    // Some targets take such days as "and", some as "or", and some not at all.
    problems.add(at, 'must have "*" as day of month or as day of week', time, "Make two schedules of it.");
  }
}

/** `*`, `5`, `1-5`, and each of these with a step such as `/15`. */
function isPart(part: string, lowest: number, highest: number): boolean {
  const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/([1-9]\d*))?$/.exec(part);
  if (match === null) {
    return false;
  }
  const first = Number(match[1] ?? lowest);
  const last = Number(match[2] ?? match[1] ?? highest);
  return lowest <= first && first <= last && last <= highest;
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
