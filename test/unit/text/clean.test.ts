import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { cleanLine, cleanLines, maxLineLength, shorten, withoutRepeats } from "../../../runner/text/clean.ts";

/** Pieces of which terminals, progress bars and broken files are made. */
const piece = fc.oneof(
  fc.constantFrom("\u001b[31m", "\u001b[0m", "\u001b]8;;file:///a\u0007", "\u001b]", "\u001b[", "\u001b", "\u009b31m"),
  fc.constantFrom("\r", "\n", "\r\n", "\b", "\t", "\0", "\u2028", "\u202e", "\ufeff", "\ud800", "\udfff"),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary", maxLength: 400 }),
);
const raw = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));

describe("text from outside, cleaned", () => {
  it("has no control characters, no blank lines, no line above the limit, and only valid Unicode", () => {
    fc.assert(
      fc.property(fc.oneof(raw, fc.uint8Array({ maxLength: 2000 })), (source) => {
        for (const line of [...cleanLines(source), cleanLine(source)]) {
          expect(line).not.to.match(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
          expect(line.length).to.be.at.most(maxLineLength);
          expect(line.isWellFormed()).to.equal(true);
        }
        for (const line of cleanLines(source)) expect(line.trim()).not.to.equal("");
      }),
    );
  });

  it("stays as it is when it is cleaned again", () => {
    fc.assert(
      fc.property(raw, (source) => {
        const once = cleanLines(source);
        expect(cleanLines(once.join("\n"))).to.deep.equal(once);
      }),
    );
  });

  it("keeps ordinary lines word for word, indented ones as well", () => {
    const text = "Größe 3 µm\n  name = 'ab' — 東京 👩‍🔬\n";
    expect(cleanLines(text)).to.deep.equal(["Größe 3 µm", "  name = 'ab' — 東京 👩‍🔬"]);
    expect(cleanLines(Buffer.from(text))).to.deep.equal(cleanLines(text));
  });

  it("shows the last state of a progress bar that overwrites itself", () => {
    const bar = Array.from({ length: 3000 }, (_, n) => `\r |===| ${Math.floor(n / 30)} %`).join("");
    expect(cleanLines(`${bar}\nnext`)).to.deep.equal([" |===| 99 %", "next"]);
    expect(cleanLines("10 %\u001b[G\u001b[K20 %\r\n")).to.deep.equal(["20 %"]);
    expect(cleanLines("done\r\u001b[K\n")).to.deep.equal(["done"]);
    expect(cleanLines("at 10 %\b\b\b\b20 %")).to.deep.equal(["at 20 %"]);
  });

  it("loses colours, links and titles, and keeps their words", () => {
    const error = "\u001b[1m\u001b[31mError\u001b[39m in \u001b]8;;file:///a.R\u0007draw()\u001b]8;;\u0007:\u001b[22m";
    expect(cleanLines(error)).to.deep.equal(["Error in draw():"]);
    expect(cleanLines("\u001b]0;a title\u001b\\x\u001bP1$r\u001b\\y\u001b(Bz")).to.deep.equal(["xyz"]);
  });

  it("replaces bytes that are not UTF-8", () => {
    expect(cleanLines(Buffer.from("caf\xe9 \0 ok", "latin1"))).to.deep.equal(["caf\ufffd  ok"]);
  });

  it("is cut in the middle where a line is too long, and never within a character", () => {
    expect(cleanLine(`begin ${"x".repeat(250_000)} end`)).to.match(/^begin x{100,}…x{50,} end$/);
    expect(shorten("😀".repeat(400)).isWellFormed()).to.equal(true);
  });

  it("becomes one line where one is wanted", () => {
    expect(cleanLine("two\n  lines\r\n\n")).to.equal("two lines");
  });

  for (const [name, unit] of [
    ["unfinished strings", "\u001b]"],
    ["unfinished control sequences", "\u001b[1;"],
    ["escapes", "\u001b"],
    ["backspaces", "a\b"],
  ] as const) {
    it(`is cleaned at once, even a quarter of a megabyte of ${name}`, () => {
      expect(cleanLine(unit.repeat(262_144 / unit.length)).length).to.be.at.most(maxLineLength);
    });
  }

  it("says equal neighbours once, with their number", () => {
    expect(withoutRepeats(["a", "b", "b", "b", "a"])).to.deep.equal(["a", "b (3 times)", "a"]);
  });
});
