/** Runs a program's callback: what it throws becomes an uncaught error of its own and disturbs nobody here. */
export function callSafely(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
