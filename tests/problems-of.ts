import { Problems } from "../components/problems";

/** The sentences with which a check refuses, without their subject. */
export function problemsOf(check: (problems: Problems) => void): string[] {
  const problems = new Problems("It");
  check(problems);
  return problems.messages.map((message) => message.replace(/^It: /, ""));
}
