import { bodyOf, handle, json } from './handle';

/** Ingest, with the run that the URL names or, without one, those that the lines name. */
export function postLogs(request: Request, runId: string | undefined): Promise<Response> {
  return handle(
    request,
    'ingest',
    async ({ runtime, header }) => {
      const body = {
        body: bodyOf(request),
        contentType: header('content-type'),
        contentEncoding: header('content-encoding'),
      };
      return json(await runtime.ingest(header, runId, body));
    },
    runId,
  );
}
