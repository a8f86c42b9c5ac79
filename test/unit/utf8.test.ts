import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { decodeUtf8, NotUtf8, sameName } from "../../runner/text/utf8.ts";

function refusal(bytes: Uint8Array): NotUtf8 {
  try {
    decodeUtf8(bytes);
  } catch (error) {
    if (error instanceof NotUtf8) return error;
    throw error;
  }
  throw new Error("the bytes were decoded");
}

describe("decoding UTF-8", () => {
  it("returns the text that was encoded", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const unmarked = text.replace(/^\uFEFF/, "");
        expect(decodeUtf8(Buffer.from(unmarked))).to.deep.equal({ text: unmarked, byteOrderMark: false });
      }),
    );
  });

  it("drops a byte-order mark and says that there was one", () => {
    expect(decodeUtf8(Buffer.from("\uFEFFa"))).to.deep.equal({ text: "a", byteOrderMark: true });
  });

  it("refuses Latin-1 with the byte's place", () => {
    const error = refusal(Buffer.concat([Buffer.from("é\nSan Jos"), Buffer.from([0xe9, 0x0a])]));
    expect(error.message).to.equal("is not UTF-8: byte 11 (line 2, column 8) is 0xE9");
    expect(error.place).to.deep.equal({ byte: 11, line: 2, column: 8 });
  });

  it("tells a replacement character that was written from a byte that is wrong", () => {
    expect(decodeUtf8(Buffer.from("\uFFFD")).text).to.equal("\uFFFD");
    expect(refusal(Buffer.concat([Buffer.from("a\uFFFDb"), Buffer.from([0xff])])).place.byte).to.equal(6);
  });

  it("refuses a letter that is cut off, surrogates and overlong forms", () => {
    for (const wrong of [[0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf]]) {
      expect(refusal(Buffer.from([0x61, ...wrong])).place.byte).to.equal(2);
    }
  });
});

describe("names", () => {
  it("are the same whether their accents are written apart or not", () => {
    expect(sameName("Se\u0301cheresse", "S\u00e9cheresse")).to.equal(true);
    expect(sameName("Secheresse", "S\u00e9cheresse")).to.equal(false);
  });
});
