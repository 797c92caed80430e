/** Makes the files of the page smaller: comments go, and blanks that mean nothing. */

/** After these a slash begins a regular expression, and no division. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};\n>+]|\breturn|\bcase)\s*$/;
const WORD = /[\w$]/;
/** A text in quotes, and what stays as it is of a template and of code. */
const LITERAL = /(["'])(?:(?!\1)[^\\]|\\[\s\S])*\1/y;
const MARKUP = /(?:[^`\\$\n]|\\[\s\S])+/y;
const PLAIN = /[\w$.=<>!&|?:*%^~@#]+/y;
const STYLE_COMMENTS = /\/\*[^]*?\*\/\s*/g;
const COMMENTS = /^\s*\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n?/gm;

/** Packs a module. Line breaks that end a statement stay. */
export function packScript(script: string): string {
  const packer = new ScriptPacker(script.replaceAll(COMMENTS, ""));
  return packer.pack();
}

/** Packs a stylesheet. */
export function packStyle(text: string): string {
  return text.replaceAll(STYLE_COMMENTS, "").replaceAll(/\s*([{};,])\s*/g, "$1")
    .replaceAll(/: +/g, ":").replaceAll(/\b0(?=\.\d)/g, "");
}

class ScriptPacker {
  readonly #text: string;
  #at = 0;
  readonly #packed: string[] = [];
  /** The end of what is packed. */
  #tail = "";

  constructor(text: string) {
    this.#text = text;
  }

  pack(): string {
    this.#code();
    return this.#packed.join("");
  }

  /** Code up to the end, or up to the brace that ends a part of a template. */
  #code(): void {
    const text = this.#text;
    for (let depth = 0; this.#at < text.length;) {
      this.#run();
      const one = text.charAt(this.#at);
      const two = text.slice(this.#at, this.#at + 2);
      if (two === "/*") this.#skipTo("*/");
      else if (two === "//") this.#at = indexOrEnd(text, "\n", this.#at);
      else if (one === '"' || one === "'") this.#takeRun(LITERAL);
      else if (one === "`") this.#template();
      else if (one === "/" && BEFORE_REGEX.test(this.#tail)) this.#regex();
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

  /** A run of plain signs; a constant is as good a variable, and shorter. */
  #run(): void {
    PLAIN.lastIndex = this.#at;
    const run = PLAIN.exec(this.#text)?.[0] ?? "";
    const isConstant = run === "const" && !this.#tail.endsWith("export ");
    this.#add(isConstant ? "let" : run);
    this.#at += run.length;
  }

  /** Blanks stay between words, and a line break where it may end a statement. */
  #blank(): void {
    let isBreak = false;
    for (; /\s/.test(this.#text.charAt(this.#at)); this.#at++) {
      isBreak ||= this.#text.charAt(this.#at) === "\n";
    }
    const [before, after] = [this.#tail.at(-1) ?? "", this.#text.charAt(this.#at)];
    const mayEnd = /[\w$)\]}`"'/;]$|\+\+$|--$/.test(this.#tail);
    if (isBreak && mayEnd && /[\w$({[`"'!/+\-@#]/.test(after)) {
      if (/[\w$]/.test(after)) this.#drop(";");
      this.#add("\n");
    } else if (WORD.test(before) && WORD.test(after)) this.#add(" ");
    else if (before === after && /[+\-]/.test(after)) this.#add(" ");
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
      this.#takeRun(MARKUP);
      if (this.#text.startsWith("${", this.#at)) {
        this.#take(2);
        this.#code();
        if (this.#text.charAt(this.#at) === "}") this.#take();
        continue;
      }
      if (this.#text.charAt(this.#at) === "`") break;
      if (this.#text.charAt(this.#at) === "\n") this.#lineEnd();
      else this.#take();
    }
    this.#take();
  }

  /** The end of a line of markup; between two tags it means nothing. */
  #lineEnd(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
    const isBetween = /[>}`]<$|>`$/.test(this.#tail.at(-1) + this.#text.charAt(this.#at));
    if (!isBetween) this.#add("\n");
  }

  /** Takes back a sign that means nothing here. */
  #drop(sign: string): void {
    if (!this.#tail.endsWith(sign)) return;
    this.#packed.push((this.#packed.pop() ?? "").slice(0, -1));
    this.#tail = this.#tail.slice(0, -1);
  }

  #take(count = 1): void {
    this.#add(this.#text.slice(this.#at, this.#at + count));
    this.#at += count;
  }

  /** Takes what a pattern finds here, if it finds anything. */
  #takeRun(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    this.#take(pattern.exec(this.#text)?.[0].length ?? 0);
  }

  #add(part: string): void {
    if (part === "") return;
    this.#packed.push(part);
    this.#tail = (this.#tail + part).slice(-8);
  }

  #skipTo(end: string): void {
    this.#at = indexOrEnd(this.#text, end, this.#at) + end.length;
  }
}

function indexOrEnd(text: string, part: string, from: number): number {
  const at = text.indexOf(part, from);
  return at < 0 ? text.length : at;
}
