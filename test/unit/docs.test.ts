import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect } from "chai";
import { Command } from "commander";
import { describe, it } from "mocha";
import { commandNames } from "../../runner/commands/hints.ts";
import { root } from "../support/installation.ts";

const pages = globSync("**/*.md", { cwd: root, exclude: (name) => name === "node_modules" || name.startsWith(".") })
  .filter((page) => !/(^|\/)(node_modules|\.r-library)\//.test(page))
  .sort();

/** Text outside code blocks, in which `[…](…)` is no link. */
const proseOf = (text: string) => text.replaceAll(/^```.*?^```/gms, "");

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string) =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(" ", "-");

function anchorsOf(file: string): string[] {
  const headings = proseOf(readFileSync(file, "utf8")).matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = ""]) => anchorOf(heading));
}

function brokenLinks(page: string): string[] {
  const links = proseOf(readFileSync(join(root, page), "utf8")).matchAll(/\]\(([^()\s]+)\)/g);
  return [...links].flatMap(([, link = ""]) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [path = "", anchor] = link.split("#");
    const file = path === "" ? join(root, page) : join(root, dirname(page), path);
    const found = existsSync(file) && (anchor === undefined || anchorsOf(file).includes(anchor));
    return found ? [] : [`${page}: ${link}`];
  });
}

describe("the documentation", () => {
  it("has no link to a file or a heading that does not exist", () => {
    expect(pages).to.include("README.md").and.to.include("docs/commands.md");
    expect(pages.flatMap(brokenLinks)).to.deep.equal([]);
  });

  it("can be reached from the README or from the page on the architecture, page by page", () => {
    const linked = ["README.md", "docs/architecture.md"].flatMap((page) =>
      [...readFileSync(join(root, page), "utf8").matchAll(/\]\(([^()\s#]+)[^()\s]*\)/g)].map(([, link = ""]) =>
        relative(root, join(root, dirname(page), link)),
      ),
    );
    expect(linked).to.include.members(pages.filter((page) => /^docs\/[^/]+$/.test(page)));
  });
});

describe("docs/commands.md", () => {
  const text = readFileSync(join(root, "docs/commands.md"), "utf8");
  const sections = new Map(
    text
      .split(/^### /m)
      .slice(1)
      .map((section) => {
        const end = section.indexOf("\n");
        return [section.slice(0, end).replaceAll("`", ""), section.slice(end)] as const;
      }),
  );

  /** Long names of the options in a section's table, with those of the groups that it links to. */
  function documented(section: string): string[] {
    const own = [...section.matchAll(/^\| `(--[a-z-]+)/gm)].map(([, name = ""]) => name);
    const also = /^Also: (.*)\.$/m.exec(section)?.[1] ?? "";
    const groups = [...also.matchAll(/\[([^\]]+)\]/g)].map(([, group = ""]) => sections.get(group) ?? "");
    return [...own, ...groups.flatMap(documented)];
  }

  it("has every command of the program, with its options and no others", async () => {
    const commands = (await commandsOfProgram()).map((command) => {
      const options = command.options.flatMap(({ long, hidden }) =>
        typeof long === "string" && !hidden ? [long] : [],
      );
      return [nameOf(command), options.sort()] as const;
    });
    const described = [...sections].flatMap(([heading, section]) => {
      const name = /^replot ([a-z]+(?: [a-z]+)?)/.exec(heading)?.[1];
      return name === undefined ? [] : [[name, documented(section).sort()] as const];
    });
    expect(Object.fromEntries(described)).to.deep.equal(Object.fromEntries(commands));
  });

  it("has every exit code of the program", () => {
    const codes = [...text.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    expect(codes).to.deep.equal([0, 1, 2, 3, 4, 130, 143]);
  });
});

/** Commands that can be called: those with commands of their own (`data`) stand for these. */
async function commandsOfProgram(): Promise<Command[]> {
  const program = new Command("replot");
  for (const name of commandNames) {
    const module: Record<string, (program: Command) => void> = await import(`../../runner/commands/${name}.ts`);
    module[`add${name.slice(0, 1).toUpperCase()}${name.slice(1)}`]?.(program);
  }
  return program.commands.flatMap((command) => (command.commands.length > 0 ? [...command.commands] : [command]));
}

function nameOf(command: Command): string {
  const parent = command.parent?.name();
  return parent === undefined || parent === "replot" ? command.name() : `${parent} ${command.name()}`;
}
