/** Makes the files of the page smaller: comments go, and blanks that mean nothing. */

/** After these a slash begins a regular expression, and no division. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};\n>+]|\breturn|\bcase)\s*$/;
const WORD = /[\w$]/;
const COMMENTS = /^\s*\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n?/gm;

/** Packs a module. Line breaks that end a statement stay. */
export function packScript(script: string): string {
  const packer = new ScriptPacker(script.replaceAll(COMMENTS, ""));
  return packer.pack();
}

/** Packs a stylesheet. */
export function packStyle(text: string): string {
  return text.replaceAll(/\s*([{};,])\s*/g, "$1").replaceAll(/: +/g, ":").replaceAll(
    /\b0(?=\.\d)/g,
    "",
  );
}

class ScriptPacker {
  readonly #text: string;
  #at = 0;
  #packed = "";

  constructor(text: string) {
    this.#text = text;
  }

  pack(): string {
    this.#code();
    return this.#packed;
  }

  /** Code up to the end, or up to the brace that ends a part of a template. */
  #code(): void {
    const text = this.#text;
    for (let depth = 0; this.#at < text.length;) {
      const one = text.charAt(this.#at);
      const two = text.slice(this.#at, this.#at + 2);
      if (two === "/*") this.#skipTo("*/");
      else if (two === "//") this.#at = indexOrEnd(text, "\n", this.#at);
      else if (one === '"' || one === "'") this.#literal(one);
      else if (one === "`") this.#template();
      else if (one === "/" && BEFORE_REGEX.test(this.#packed.slice(-8))) this.#regex();
      else if (/\s/.test(one)) this.#blank();
      else {
        if (one === "{") depth++;
        if (one === "}" && depth-- === 0) return;
        if (/[)\]}]/.test(one)) this.#drop(",");
        if (one === "}") this.#drop(";");
        this.#take();
      }
    }
  }

  /** Blanks stay between words, and a line break where it may end a statement. */
  #blank(): void {
    let isBreak = false;
    for (; /\s/.test(this.#text.charAt(this.#at)); this.#at++) {
      isBreak ||= this.#text.charAt(this.#at) === "\n";
    }
    const [before, after] = [this.#packed.at(-1) ?? "", this.#text.charAt(this.#at)];
    const mayEnd = /[\w$)\]}`"'/;]$|\+\+$|--$/.test(this.#packed.slice(-2));
    if (isBreak && mayEnd && /[\w$({[`"'!/+\-@#]/.test(after)) {
      if (/[\w$]/.test(after)) this.#drop(";");
      this.#packed += "\n";
    } else if (WORD.test(before) && WORD.test(after)) this.#packed += " ";
    else if (before === after && /[+\-]/.test(after)) this.#packed += " ";
  }

  #literal(quote: string): void {
    this.#take();
    while (this.#at < this.#text.length && this.#text.charAt(this.#at) !== quote) {
      if (this.#text.charAt(this.#at) === "\\") this.#take();
      this.#take();
    }
    this.#take();
  }

  #regex(): void {
    this.#take();
    for (let isClass = false; this.#at < this.#text.length; this.#take()) {
      const one = this.#text.charAt(this.#at);
      if (one === "\\") this.#take();
      else if (one === "[") isClass = true;
      else if (one === "]") isClass = false;
      else if (one === "/" && !isClass) break;
    }
    this.#take();
  }

  /** A template, whose lines lose their indentation: the page's templates are markup. */
  #template(): void {
    this.#take();
    while (this.#at < this.#text.length && this.#text.charAt(this.#at) !== "`") {
      const one = this.#text.charAt(this.#at);
      if (one === "\\") this.#take();
      if (this.#text.startsWith("${", this.#at)) {
        this.#take(2);
        this.#code();
        if (this.#text.charAt(this.#at) === "}") this.#take();
        continue;
      }
      const isLineEnd = this.#text.charAt(this.#at) === "\n";
      this.#take();
      while (isLineEnd && this.#text.charAt(this.#at) === " ") this.#at++;
    }
    this.#take();
  }

  /** Takes back a sign that means nothing here. */
  #drop(sign: string): void {
    if (this.#packed.endsWith(sign)) this.#packed = this.#packed.slice(0, -1);
  }

  #take(count = 1): void {
    this.#packed += this.#text.slice(this.#at, this.#at + count);
    this.#at += count;
  }

  #skipTo(end: string): void {
    this.#at = indexOrEnd(this.#text, end, this.#at) + end.length;
  }
}

function indexOrEnd(text: string, part: string, from: number): number {
  const at = text.indexOf(part, from);
  return at < 0 ? text.length : at;
}
