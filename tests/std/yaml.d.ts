/** Reads YAML. @throws {SyntaxError} if it is none */
export declare function parse(text: string): unknown;
