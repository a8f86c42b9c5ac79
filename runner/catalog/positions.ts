/**
 * Reads YAML in which every scalar is the text that was written, with the place of everything in the file. Which texts
 * are numbers is for the schema to say: a parser that guesses takes the name `1.10` for 1.1 and `0x1F` for 31.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type ScalarTag } from "yaml";
import { messageOf } from "../errors.ts";

/** A way into a document: keys of mappings, numbers of list items. */
export type Path = readonly PropertyKey[];

/** Counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface PositionedYaml {
  /** Objects, lists and texts; null where nothing was written. */
  readonly value: unknown;
  /** What is not YAML, with its place. Then `value` is undefined. */
  readonly errors: readonly (Position & { readonly text: string })[];
  /**
   * Where the path leads. Where something on the way is missing, the key or value it is missing from.
   * @param key the last element's key rather than its value
   */
  place(path: Path, key?: boolean): Position;
  /** The keys of the mapping where the path leads, in the order of the file; none where there is no mapping. */
  keys(path: Path): string[];
}

/** Nothing, as in `name:` without a value. Plain `~` and `null` are text. */
const nothing: ScalarTag = { tag: "tag:yaml.org,2002:null", default: true, test: /^$/, resolve: () => null };

/** Reads one YAML document. Mistakes are returned, not thrown. */
export function readPositionedYaml(text: string): PositionedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: "failsafe",
    customTags: [nothing],
  });
  const resolve = (node: Found): Found => (isAlias(node) ? node.resolve(document) : node);
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const place = (path: Path, key = false): Position => positionOf(offsetOf(document.contents, path, key, resolve));
  const keys = (path: Path): string[] => {
    const mapping = resolve(nodeAt(document.contents, path, resolve));
    return isMap(mapping) ? mapping.items.map(({ key }) => keyText(key)) : [];
  };

  const errors = document.errors.map((error) => ({ ...positionOf(error.pos[0]), text: error.message }));
  if (errors.length > 0) return { value: undefined, errors, place, keys };
  try {
    const value: unknown = document.toJS();
    return { value, errors, place, keys };
  } catch (thrown) {
    // an alias to nothing is noticed only here
    return { value: undefined, errors: [{ line: 1, column: 1, text: messageOf(thrown) }], place, keys };
  }
}

type Found = Node | null | undefined;

function nodeAt(root: Found, path: Path, resolve: (node: Found) => Found): Found {
  let node = root;
  for (const step of path) {
    const parent = resolve(node);
    const next = isMap(parent) ? parent.items.find(({ key }) => keyText(key) === String(step))?.value : undefined;
    node = isNode(next) ? next : undefined;
  }
  return node;
}

function keyText(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

function offsetOf(root: Found, path: Path, lastKey: boolean, resolve: (node: Found) => Found): number {
  let node = root;
  let offset = startOf(node) ?? 0;
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    node = resolve(node);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => keyText(key) === String(step));
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
