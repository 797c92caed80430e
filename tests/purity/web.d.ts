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

interface TransformStreamDefaultController<Out> {
  enqueue(chunk: Out): void;
}

interface Transformer<In, Out> {
  transform?: (chunk: In, controller: TransformStreamDefaultController<Out>) => void;
  flush?: (controller: TransformStreamDefaultController<Out>) => void;
}

declare class TransformStream<In, Out> {
  constructor(transformer?: Transformer<In, Out>);
}
