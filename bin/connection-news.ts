import { ApiError, type StreamError } from '@/lib/client/client-errors';

/** Tells the user once that the server is away, and once that it is there, however many attempts lie between. */
export class ConnectionNews {
  readonly #say: (sentence: string) => void;
  readonly #url: string;
  #isLost = false;
  #hasAnswered = false;

  constructor(url: string, say: (sentence: string) => void) {
    this.#url = url;
    this.#say = say;
  }

  lost(error: ApiError | StreamError): void {
    if (this.#isLost) return;
    this.#isLost = true;
    const answer = error instanceof ApiError ? `answers: ${error.message} Trying` : 'does not answer; trying';
    this.#say(`${this.#url} ${answer} again until it does`);
  }

  back(): void {
    if (this.#isLost) this.#say(this.#hasAnswered ? 'connected again; going on where it broke off' : 'connected');
    this.#isLost = false;
    this.#hasAnswered = true;
  }
}
