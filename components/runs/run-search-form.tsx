import { Button } from '@/components/ui/button';
import { SearchField } from '@/components/ui/search-field';

/** Looks a run up in the list of runs, as a plain form: it works on pages that know nothing else. */
export function RunSearchForm() {
  return (
    <search className="mx-auto block w-full max-w-sm">
      <form action="/" method="get" className="flex gap-2">
        <SearchField label="Search job name or id" name="q" required className="flex-1" />
        <Button type="submit">Search</Button>
      </form>
    </search>
  );
}
