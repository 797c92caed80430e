/** A file that a page sends. */
export interface UploadedFile {
  readonly name: string;
  /** How many bytes the stream has to give. */
  readonly size: number;
  readonly stream: ReadableStream<Uint8Array>;
  /** A small picture of it; may be empty. */
  readonly thumbnail: Uint8Array;
}
