import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { defineCommand, exitCodes } from "../command";
import { UserError } from "../errors";
import { dependencies, ownPackage, readManifest } from "../init/dependency";
import { conflicts, manifest, projectName, templateFiles } from "../init/project-files";

export const init = defineCommand({
  summary: "write a new project: a description, a service with a Dockerfile, and a configuration",
  arguments: ["[FOLDER]"],
  options: {},
  async run({ directory, terminal }, _, [asked = "."]) {
    const folder = path.resolve(directory, asked);
    const name = projectName(folder);
    const files = templateFiles(name);
    const packageFile = path.join(folder, "package.json");
    const existing = existsSync(packageFile) ? readManifest(packageFile) : undefined;
    const inTheWay = [
      ...Object.keys(files).filter((file) => existsSync(path.join(folder, file))),
      ...conflicts(existing ?? {}),
    ];
    if (inTheWay.length > 0) {
      throw new UserError(
        `${folder} has already what would be written, and nothing of it is replaced:\n` +
          `${inTheWay.map((file) => `  ${file}\n`).join("")}Name another folder: npx flotilla init FOLDER`,
      );
    }

    mkdirSync(folder, { recursive: true });
    const own = ownPackage();
    if (own.isCheckout) {
      terminal.line("Packing this checkout for the project …");
    }
    const needed = dependencies(own, folder);
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), content, { flag: "wx" });
    }
    writeFileSync(packageFile, manifest(name, existing, needed));

    const written = ["package.json", ...Object.keys(files)].sort();
    terminal.line(`New project "${name}" in ${folder}:`);
    for (const file of written) {
      terminal.line(`  ${file}`);
    }
    terminal.line("Next:");
    for (const step of [...(folder === directory ? [] : [`cd ${asked}`]), "npm install", "npm run up"]) {
      terminal.line(`  ${step}`);
    }
    return exitCodes.done;
  },
});
