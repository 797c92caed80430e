// What protocol/ may use of the web platform, and no more: the check that reads this file knows
// neither Deno's types nor the DOM's. Shapes as in the WHATWG standards.

interface TextDecoderOptions {
  fatal?: boolean;
  ignoreBOM?: boolean;
}

declare class TextDecoder {
  constructor(label?: string, options?: TextDecoderOptions);
  decode(input?: ArrayBufferView): string;
}

declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}

interface ReadableStreamDefaultController<Out> {
  enqueue(chunk: Out): void;
  close(): void;
}

interface ReadableStreamDefaultReader<Out> {
  read(): Promise<{ done: false; value: Out } | { done: true; value?: undefined }>;
  cancel(reason?: unknown): Promise<void>;
}

declare class ReadableStream<Out> {
  constructor(
    source: {
      pull(controller: ReadableStreamDefaultController<Out>): void | Promise<void>;
      cancel: ((reason: unknown) => void) | undefined;
    },
    strategy: { highWaterMark: number },
  );
  getReader(): ReadableStreamDefaultReader<Out>;
}

declare class WritableStream<In> {
  readonly locked: boolean;
  abort(reason?: unknown): Promise<void>;
  getWriter(): { write(chunk: In): Promise<void> };
}

interface ReadableWritablePair<Out, In> {
  readonly readable: ReadableStream<Out>;
  readonly writable: WritableStream<In>;
}

declare class TransformStream<In, Out> implements ReadableWritablePair<Out, In> {
  readonly readable: ReadableStream<Out>;
  readonly writable: WritableStream<In>;
}
