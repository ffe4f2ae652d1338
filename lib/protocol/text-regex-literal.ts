/** More alternatives, or a longer text, make the search for candidates slower than what it saves. */
const ALTERNATIVES_MAX = 8;

/**
 * Sets of texts; of each set at least one text stands in whatever a pattern in RE2 syntax matches. None where nothing can be told. ASCII alone, so
 * that ignoring case means the same to every engine. It knows the common part of the syntax and gives up at the rest.
 */
export function requiredLiterals(pattern: string): ReadonlyArray<readonly string[]> {
  try {
    const reader = new LiteralReader(pattern);
    const literals = reader.alternation();
    return reader.isAtEnd ? literals : [];
  } catch (error) {
    if (error instanceof UnknownSyntax) return [];
    throw error;
  }
}

/** The set whose shortest text is longest: where it is, is least often. */
export function rarestSet(sets: ReadonlyArray<readonly string[]>): readonly string[] | undefined {
  let best: readonly string[] | undefined;
  for (const set of sets) if (shortest(set) > shortest(best)) best = set;
  return best;
}

class UnknownSyntax extends Error {}

type Literals = ReadonlyArray<readonly string[]>;

class LiteralReader {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#pattern.length;
  }

  /** What one branch demands, or of several one set: every branch has to give some text, and together they are the alternatives. */
  alternation(): Literals {
    const branches = [this.#sequence()];
    while (this.#pattern[this.#at] === '|') {
      this.#at++;
      branches.push(this.#sequence());
    }
    const [only, ...more] = branches;
    if (only && more.length === 0) return only;
    const texts = branches.map(rarestSet);
    const all = texts.every((set) => set !== undefined) ? texts.flatMap((set) => set ?? []) : [];
    return all.length > 0 && all.length <= ALTERNATIVES_MAX ? [all] : [];
  }

  /** All that a branch demands. */
  #sequence(): Literals {
    const sets: Array<readonly string[]> = [];
    let run = '';
    const endRun = () => {
      if (run !== '') sets.push([run]);
      run = '';
    };
    while (!this.isAtEnd && this.#pattern[this.#at] !== '|' && this.#pattern[this.#at] !== ')') {
      const atom = this.#atom();
      const count = this.#count();
      if (typeof atom !== 'string') {
        endRun();
        if (count.least > 0) sets.push(...atom.literals);
        continue;
      }
      if (count.least > 0) run += atom;
      if (count.isQuantified) endRun();
    }
    endRun();
    return sets;
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

const OTHER = { literals: [] };
const COUNT = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/;
const COUNT_CHARS_MAX = 16;

function isAsciiChar(char: string): boolean {
  return char.charCodeAt(0) < 128;
}

export function shortest(texts: readonly string[] | undefined): number {
  return texts ? Math.min(...texts.map((text) => text.length)) : 0;
}
