import type { Completable, Source } from "./completable";

/** What prints the candidates, in bash. */
function candidatesOf(values: Source): string {
  return typeof values === "object"
    ? `COMPREPLY=($(compgen -W "${values.words.join(" ")}" -- "$current"))`
    : {
        stacks: 'COMPREPLY=($(compgen -W "$(_flotilla_stacks)" -- "$current"))',
        files: 'COMPREPLY=($(compgen -f -- "$current")); compopt -o filenames',
        nowhere: ":",
      }[values];
}

export function bashCompletion(completables: Completable[]): string {
  const paths = completables.filter(({ path }) => path !== "").map(({ path }) => `"${path}"`);
  const values = completables.flatMap(({ path, options }) =>
    options.flatMap(({ name, short, values }) => {
      const spellings = [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
      const patterns = spellings.map((spelling) => `"${path}:${spelling}"`).join("|");
      return values === undefined ? [] : [`    ${patterns}) ${candidatesOf(values)}; return ;;`];
    }),
  );
  const words = completables.map(({ path, subcommands, options, words: own }) => {
    const all = [
      ...subcommands.map(({ name }) => name),
      ...own,
      ...options.map(({ name }) => `--${name}`),
      "--help",
    ];
    return `    "${path}") COMPREPLY=($(compgen -W "${all.join(" ")}" -- "$current")) ;;`;
  });
  return `# bash completion of flotilla. Put it into ~/.bashrc:  source <(flotilla completion bash)
_flotilla_stacks() {
  local file
  for file in Pulumi.*.yaml; do
    file=\${file#Pulumi.}
    [ "$file" = "*.yaml" ] || echo "\${file%.yaml}"
  done
}

_flotilla() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command="" index
  # What follows the equals sign of --stack=dev is a word of its own.
  if [ "$current" = "=" ]; then
    current=""
  elif [ "$previous" = "=" ]; then
    previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    # A command of another program follows.
    [ "\${COMP_WORDS[index]}" = "--" ] && return
    case "\${command:+$command }\${COMP_WORDS[index]}" in
      ${paths.join("|")}) command="\${command:+$command }\${COMP_WORDS[index]}" ;;
    esac
  done
  case "$command:$previous" in
${values.join("\n")}
  esac
  case "$command" in
${words.join("\n")}
  esac
}
complete -F _flotilla flotilla
`;
}
