// The types of the @std functions that MIM uses: the npm package that carries them ships none.

export function abortable<T>(
  p: Promise<T>,
  signal: { readonly aborted: boolean },
): Promise<T>;

export function deadline<T>(
  p: Promise<T>,
  ms: number,
  options?: { signal?: { readonly aborted: boolean } },
): Promise<T>;

export function delay(
  ms: number,
  options?: { signal?: { readonly aborted: boolean } },
): Promise<void>;

export function pooledMap<T, R>(
  poolLimit: number,
  array: Iterable<T> | AsyncIterable<T>,
  iteratorFn: (data: T) => Promise<R>,
): AsyncIterableIterator<R>;

export function parseArgs(
  args: readonly string[],
  options: {
    string?: readonly string[];
    boolean?: readonly string[];
    alias?: Readonly<Record<string, string>>;
    unknown?: (argument: string, key?: string, value?: unknown) => unknown;
  },
): { _: string[]; [option: string]: unknown };

export class TextLineStream extends TransformStream<string, string> {
  constructor(options?: { allowCR?: boolean });
}

export function closestString(givenWord: string, possibleWords: readonly string[]): string;

export function levenshteinDistance(str1: string, str2: string): number;
