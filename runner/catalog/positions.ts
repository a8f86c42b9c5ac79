/**
 * Reads YAML and keeps the place of everything in the file. Every scalar stays the text that was written, because a
 * parser that guesses types reads the name `1.10` as 1.1 and `0x1F` as 31; the schema decides which texts are numbers.
 */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type ScalarTag } from "yaml";
import { messageOf } from "../errors.ts";

/** A path into a document: keys of mappings and indexes of list items. */
export type Path = readonly PropertyKey[];

/** Line and column, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface PositionedYaml {
  /** Objects, lists and texts; null where nothing was written. Undefined if the text is not YAML. */
  readonly value: unknown;
  /** Syntax errors with their positions. */
  readonly errors: readonly (Position & { readonly text: string })[];
  /**
   * The offset in the text of the node at a path. If part of the path is missing, the offset of the deepest part that
   * exists.
   * @param key whether the last key is meant instead of its value
   */
  offset(path: Path, key?: boolean): number;
  position(offset: number): Position;
}

/** An empty value, as in `name:`, is null. Plain `~` and `null` are text. */
const emptyValue: ScalarTag = { tag: "tag:yaml.org,2002:null", default: true, test: /^$/, resolve: () => null };

/** Reads one YAML document. Syntax errors are returned, not thrown. */
export function readPositionedYaml(text: string): PositionedYaml {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    schema: "failsafe",
    customTags: [emptyValue],
  });
  const resolved = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);

  const offset = (path: Path, key = false): number => {
    let node: unknown = document.contents;
    let found = startOf(node) ?? 0;
    for (const [depth, step] of path.entries()) {
      const parent = resolved(node);
      if (isMap(parent)) {
        const pair = parent.items.find((item) => keyText(item.key) === String(step));
        node = pair?.value;
        // a key that is missing from a mapping is reported at the mapping's name, not at its first entry
        const atKey = depth < path.length - 1 || key || isMap(resolved(node)) || isEmpty(node);
        found = startOf(atKey ? pair?.key : node) ?? startOf(pair?.key) ?? found;
      } else {
        node = isSeq(parent) ? parent.items[Number(step)] : undefined;
        found = startOf(node) ?? found;
      }
    }
    return found;
  };
  const position = (at: number): Position => {
    const { line, col } = lineCounter.linePos(at);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };

  const errors = document.errors.map((error) => ({ ...position(error.pos[0]), text: error.message }));
  if (errors.length > 0) return { value: undefined, errors, offset, position };
  try {
    const value: unknown = document.toJS();
    return { value, errors, offset, position };
  } catch (thrown) {
    // `toJS` throws for an alias without an anchor
    return { value: undefined, errors: [{ line: 1, column: 1, text: messageOf(thrown) }], offset, position };
  }
}

function keyText(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

function isEmpty(node: unknown): boolean {
  return !isNode(node) || (isScalar(node) && node.value === null);
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
