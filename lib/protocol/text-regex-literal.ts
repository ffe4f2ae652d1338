/** More alternatives, or a longer text, make the search for candidates slower than what it saves. */
const ALTERNATIVES_MAX = 8;

/**
 * Texts of which at least one stands in whatever a pattern in RE2 syntax matches, or undefined where none can be told. ASCII alone, so that
 * ignoring case means the same to every engine. It knows the common part of the syntax and gives up at the rest.
 */
export function requiredLiterals(pattern: string): readonly string[] | undefined {
  try {
    const reader = new LiteralReader(pattern);
    const literals = reader.alternation();
    return reader.isAtEnd ? literals : undefined;
  } catch (error) {
    if (error instanceof UnknownSyntax) return undefined;
    throw error;
  }
}

class UnknownSyntax extends Error {}

type Literals = readonly string[] | undefined;

class LiteralReader {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#pattern.length;
  }

  /** Every branch has to give a text; together they are the alternatives. */
  alternation(): Literals {
    let all: string[] | undefined = [];
    for (;;) {
      const branch = this.#sequence();
      if (branch && all) all.push(...branch);
      else all = undefined;
      if (this.#pattern[this.#at] !== '|') return all && all.length <= ALTERNATIVES_MAX ? all : undefined;
      this.#at++;
    }
  }

  /** The best of what a branch demands. */
  #sequence(): Literals {
    let best: Literals;
    let run = '';
    const offer = (literals: Literals) => {
      if (literals && shortest(literals) > shortest(best)) best = literals;
    };
    const endRun = () => {
      if (run !== '') offer([run]);
      run = '';
    };
    while (!this.isAtEnd && this.#pattern[this.#at] !== '|' && this.#pattern[this.#at] !== ')') {
      const atom = this.#atom();
      const count = this.#count();
      if (typeof atom !== 'string') {
        endRun();
        if (count.least > 0) offer(atom.literals);
        continue;
      }
      if (count.least > 0) run += atom;
      if (count.isQuantified) endRun();
    }
    endRun();
    return best;
  }

  /** A literal character, or something else with the texts that it demands. */
  #atom(): string | { literals: Literals } {
    const char = this.#pattern[this.#at++] ?? '';
    switch (char) {
      case '(':
        return { literals: this.#group() };
      case '[':
        this.#skipClass();
        return OTHER;
      case '\\':
        return this.#escape();
      case '.':
      case '^':
      case '$':
        return OTHER;
      case '{':
      case '}':
      case '*':
      case '+':
      case '?':
        throw new UnknownSyntax();
    }
    return isAsciiChar(char) ? char : OTHER;
  }

  #group(): Literals {
    if (this.#pattern[this.#at] === '?') {
      // Any other kind may change flags for what follows.
      const kind = /^\?(?::|P?<\w+>)/.exec(this.#pattern.slice(this.#at, this.#at + 100));
      if (!kind) throw new UnknownSyntax();
      this.#at += kind[0].length;
    }
    const literals = this.alternation();
    if (this.#pattern[this.#at++] !== ')') throw new UnknownSyntax();
    return literals;
  }

  #skipClass(): void {
    if (this.#pattern[this.#at] === '^') this.#at++;
    // A bracket in the first place is a member of the class.
    if (this.#pattern[this.#at] === ']') this.#at++;
    for (;;) {
      const char = this.#pattern[this.#at++];
      if (char === undefined) throw new UnknownSyntax();
      if (char === ']') return;
      if (char === '\\') {
        // Within \Q … \E or \p{ } a bracket would not end the class.
        if (/[QEpPx]/.test(this.#pattern[this.#at] ?? '')) throw new UnknownSyntax();
        this.#at++;
      }
      if (char === '[' && this.#pattern[this.#at] === ':') {
        const end = this.#pattern.indexOf(':]', this.#at + 1);
        if (end < 0) throw new UnknownSyntax();
        this.#at = end + 2;
      }
    }
  }

  #escape(): string | { literals: Literals } {
    const char = this.#pattern[this.#at++] ?? '';
    if (/[!-/:-@[-`{-~]/.test(char)) return char;
    if (/[dDsSwWbBAzntrfva]/.test(char)) return OTHER;
    throw new UnknownSyntax();
  }

  #count(): { least: number; isQuantified: boolean } {
    const [count] = COUNT.exec(this.#pattern.slice(this.#at, this.#at + COUNT_CHARS_MAX)) ?? [];
    if (count === undefined) return { least: 1, isQuantified: false };
    this.#at += count.length;
    if (/[*+?{]/.test(this.#pattern[this.#at] ?? '')) throw new UnknownSyntax();
    const least = count[0] === '{' ? Number.parseInt(count.slice(1), 10) : count[0] === '+' ? 1 : 0;
    return { least, isQuantified: true };
  }
}

const OTHER = { literals: undefined };
const COUNT = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/;
const COUNT_CHARS_MAX = 16;

function isAsciiChar(char: string): boolean {
  return char.charCodeAt(0) < 128;
}

function shortest(literals: Literals): number {
  return literals ? Math.min(...literals.map((literal) => literal.length)) : 0;
}
