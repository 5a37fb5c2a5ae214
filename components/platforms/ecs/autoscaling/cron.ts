/** Numbers of a field, lowest and highest, in the order of a time. */
const RANGES: [lowest: number, highest: number][] = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
];

const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/**
 * A checked time of five cron fields as Application Auto Scaling takes it: with a year, with "?" for the kind of day that is not
 * asked for, and with names of days, as it counts them from another one. Steps are written out.
 *
 * For example, `0 8 * * 1-5` is `cron(0 8 ? * MON,TUE,WED,THU,FRI *)`.
 */
export function awsCron(time: string): string {
  const [minute, hour, dayOfMonth, month, dayOfWeek] = time.split(" ").map((field, index) => {
    return field === "*" ? "*" : numbersOf(field, RANGES[index]);
  });
  const days = dayOfWeek === "*" ? "?" : (dayOfWeek as number[]).map((day) => DAYS[day]).join(",");
  const dates = days === "?" ? text(dayOfMonth) : "?";
  return `cron(${text(minute)} ${text(hour)} ${dates} ${text(month)} ${days} *)`;
}

function text(field: "*" | number[]): string {
  return field === "*" ? "*" : field.join(",");
}

function numbersOf(field: string, [lowest, highest]: [number, number]): number[] {
  const all = field.split(",").flatMap((part) => {
    const [, first, last, step] = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part)!;
    const from = Number(first ?? lowest);
    // A single number with a step goes on to the end, as everywhere.
    const to = Number(last ?? (first !== undefined && step === undefined ? first : highest));
    const by = Number(step ?? 1);
    return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by);
  });
  return [...new Set(all)].sort((a, b) => a - b);
}
