import type { Completable, Source } from "./completable";

export function fishCompletion(completables: Completable[]): string {
  return `# fish completion of flotilla. Put it into a file:  flotilla completion fish > ~/.config/fish/completions/flotilla.fish
function __flotilla_path
    set -l path
    for word in (commandline -opc)[2..]
        string match -q -- '-*' $word; or set -a path $word
    end
    echo "$path"
end

function __flotilla_at
    set -l path (__flotilla_path)
    test "$path" = "$argv"; or string match -q -- "$argv *" "$path"
end

function __flotilla_only
    test (__flotilla_path) = "$argv"
end

function __flotilla_stacks
    for file in Pulumi.*.yaml
        string replace -r '^Pulumi\\.(.*)\\.yaml$' '$1' $file
    end
end

complete -c flotilla -f
${completables.flatMap(linesOf).join("\n")}
`;
}

function linesOf({ path, subcommands, options, words }: Completable): string[] {
  const only = quoted(`__flotilla_only ${quotedInside(path)}`);
  const at = quoted(`__flotilla_at ${quotedInside(path)}`);
  return [
    ...subcommands.map(
      ({ name, summary }) => `complete -c flotilla -n ${only} -a ${name} -d ${quoted(summary)}`,
    ),
    ...words.map((word) => `complete -c flotilla -n ${only} -a ${word}`),
    ...options.map(({ name, short, summary, values }) => {
      const letter = short === undefined ? "" : ` -s ${short}`;
      const from = values === undefined ? "" : ` ${valuesFrom(values)}`;
      return `complete -c flotilla -n ${at} -l ${name}${letter}${from} -d ${quoted(summary)}`;
    }),
  ];
}

function valuesFrom(values: Source): string {
  return typeof values === "object"
    ? `-xa ${quoted(values.words.join(" "))}`
    : { stacks: "-xa '(__flotilla_stacks)'", files: "-rF", nowhere: "-x" }[values];
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}

function quotedInside(text: string): string {
  return `"${text}"`;
}
