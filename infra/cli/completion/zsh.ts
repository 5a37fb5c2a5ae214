import type { Completable, CompletableOption, Source } from "./completable";

const helpOption: CompletableOption = { name: "help", summary: "tell the options" };

export function zshCompletion(completables: Completable[]): string {
  return `#compdef flotilla
# zsh completion of flotilla. Put it into ~/.zshrc, after compinit:  source <(flotilla completion zsh)
_flotilla_stacks() {
  local -a stacks
  stacks=(Pulumi.*.yaml(N))
  stacks=(\${\${stacks#Pulumi.}%.yaml})
  compadd -a stacks
}

${completables.map(functionOf).join("\n\n")}

if [ "\${funcstack[1]}" = "_flotilla" ]; then
  _flotilla "$@"
else
  compdef _flotilla flotilla
fi
`;
}

function functionOf({ path, subcommands, options, words }: Completable): string {
  if (subcommands.length > 0) {
    const described = subcommands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
    const cases = subcommands.map(({ name }) => `    ${name}) ${nameOf(`${path} ${name}`.trim())} ;;`);
    return `${nameOf(path)}() {
  local state line
  local -a commands
  commands=(
${described.join("\n")}
  )
  _arguments -C '1: :->command' '*:: :->argument'
  case $state in
    command) _describe command commands ;;
    argument) case $words[1] in
${cases.join("\n")}
    esac ;;
  esac
}`;
  }
  const specs = [...options, helpOption].flatMap(optionSpecs);
  const own = words.length === 0 ? [] : [quoted(`1: :(${words.join(" ")})`)];
  return `${nameOf(path)}() {
  _arguments ${[...own, ...specs].join(" \\\n    ")}
}`;
}

/** The function of a command. */
function nameOf(path: string): string {
  return ["_flotilla", ...path.split(" ").filter(Boolean)].join("__").replaceAll("-", "_");
}

function optionSpecs({ name, short, summary, values }: CompletableOption): string[] {
  const about = `[${summary.replace(/[[\]:\\]/g, "\\$&")}]${values === undefined ? "" : `: :${actionOf(values)}`}`;
  return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])].map((spelling) =>
    quoted(`${spelling}${values === undefined || spelling === `-${short}` ? "" : "="}${about}`),
  );
}

function actionOf(values: Source): string {
  return typeof values === "object"
    ? `(${values.words.join(" ")})`
    : { stacks: "_flotilla_stacks", files: "_files", nowhere: " " }[values];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
