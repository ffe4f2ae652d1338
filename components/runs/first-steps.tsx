import { Terminal } from 'lucide-react';
import { CopyButton } from '@/components/ui/copy-button';
import { Command, Notice } from '@/components/ui/notice';

/** What an empty instance shows: two commands that make the first run. */
export function FirstSteps({ origin }: { origin: string }) {
  const run = `STRATAL_URL=${origin} npx stratal run -- npm ls`;
  const curl = `curl -d '{"message":"Hello"}' ${origin}/api/v1/job-runs/hello/logs`;
  return (
    <Notice title="No runs yet" icon={<Terminal aria-hidden />} className="max-w-2xl rounded-lg border">
      <p className="mb-4">
        Put a command behind Stratal, in the folder it was started from, or send lines from anything that speaks HTTP.
        The run appears here.
      </p>
      <div className="flex flex-col gap-2">
        <Command text={run}>
          <CopyButton text={run} label="Copy command" />
        </Command>
        <Command text={curl}>
          <CopyButton text={curl} label="Copy command" />
        </Command>
      </div>
    </Notice>
  );
}
