import { Agent, request } from 'node:http';

/** Posts bodies in order over kept connections, at most `inFlight` at a time. Fails on the first that is not answered with 200. */
export async function postBodies(url: string, bodies: readonly Buffer[], inFlight: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  let next = 0;
  const worker = async () => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) await post(url, body, agent);
  };
  try {
    await Promise.all(Array.from({ length: inFlight }, worker));
  } finally {
    agent.destroy();
  }
}

/** Posts one body; rejects on an answer other than 200. */
export function post(url: string, body: Buffer, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/x-ndjson', 'Content-Length': body.length };
    const call = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}: ${text}`)),
      );
    });
    call.once('error', reject);
    call.end(body);
  });
}
