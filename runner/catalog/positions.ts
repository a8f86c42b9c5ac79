/** YAML that remembers where everything stands, so that a mistake can be pointed at. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { messageOf } from "../errors.ts";

/** A way into a document: keys of mappings, numbers of list items. */
export type Path = readonly PropertyKey[];

/** Counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface PositionedYaml {
  readonly value: unknown;
  /** What is not YAML, with its place. Then `value` is undefined. */
  readonly errors: readonly (Position & { readonly text: string })[];
  /**
   * Where the path leads. Where something on the way is missing, the key or value it is missing from.
   * @param key the last element's key rather than its value
   */
  place(path: Path, key?: boolean): Position;
}

/** Reads one YAML document. Mistakes are returned, not thrown. */
export function readPositionedYaml(text: string): PositionedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const place = (path: Path, key = false): Position =>
    positionOf(offsetOf(document.contents, path, key, (node) => (isAlias(node) ? node.resolve(document) : node)));

  const errors = document.errors.map((error) => ({ ...positionOf(error.pos[0]), text: error.message }));
  if (errors.length > 0) return { value: undefined, errors, place };
  try {
    const value: unknown = document.toJS();
    return { value, errors, place };
  } catch (thrown) {
    // an alias to nothing is noticed only here
    return { value: undefined, errors: [{ line: 1, column: 1, text: messageOf(thrown) }], place };
  }
}

type Found = Node | null | undefined;

function offsetOf(root: Found, path: Path, lastKey: boolean, resolve: (node: Found) => Found): number {
  let node = root;
  let offset = startOf(node) ?? 0;
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    node = resolve(node);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
      if (pair === undefined) return offset;
      const key = isNode(pair.key) ? startOf(pair.key) : undefined;
      const value = isNode(pair.value) ? pair.value : undefined;
      // what is missing from a mapping is missed at its name, not at its first entry
      const named = !last || lastKey || isMap(resolve(value)) || isEmpty(value);
      offset = (named ? key : startOf(value)) ?? key ?? offset;
      node = value;
    } else if (isSeq(node)) {
      const item = node.items[Number(step)];
      if (!isNode(item)) return offset;
      offset = startOf(item) ?? offset;
      node = item;
    } else {
      return offset;
    }
  }
  return offset;
}

function isNode(node: unknown): node is Node {
  return isMap(node) || isSeq(node) || isScalar(node) || isAlias(node);
}

function isEmpty(node: Found): boolean {
  return isScalar(node) && node.value === null;
}

function startOf(node: Found): number | undefined {
  return node?.range?.[0];
}
