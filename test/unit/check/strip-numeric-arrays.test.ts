import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { stripNumericArrays } from "../../../runner/check/strip-numeric-arrays.ts";

describe("condensing a figure", () => {
  it("leaves the first number of each series", () => {
    expect(stripNumericArrays('{"y":[null,-1.5e3,2,null],"x":[[1,2],[3]],"z":[]}')).to.equal(
      '{"y":[-1.5e3],"x":[[1],[3]],"z":[]}',
    );
  });

  it("leaves what is no series of numbers as it is", () => {
    for (const text of ['["NA",1]', "[null]", '["a[1","ü"]', "[true,1]", "[ 1, 2 ]", "[1,{}]"]) {
      expect(stripNumericArrays(text)).to.equal(text);
    }
  });

  it("keeps valid JSON valid, with all that is not a series", () => {
    const shape = (value: unknown): unknown => {
      if (!Array.isArray(value)) {
        return typeof value === "object" && value !== null
          ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]))
          : value;
      }
      const series =
        value.every((item) => item === null || typeof item === "number") && value.some((item) => item !== null);
      return series ? [value.find((item) => item !== null)] : value.map(shape);
    };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const result: unknown = JSON.parse(stripNumericArrays(text));
        if (!/"[^"]*\[[^"]*"/.test(text)) expect(result).to.deep.equal(shape(JSON.parse(text)));
      }),
    );
  });

  it("keeps whatever is not JSON from becoming JSON", () => {
    const isJson = (text: string) => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    const token = fc.constantFrom("[", "]", ",", "1", "0", "-", ".", "e", "+", "null", "NaN", '"', "{", "}", ":", " ");
    fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
        const text = `[1,2${tokens.join("")}]`;
        expect(isJson(stripNumericArrays(text)), text).to.equal(isJson(text));
      }),
      { numRuns: 5000 },
    );
  });
});
