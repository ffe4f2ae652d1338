'use client';

import { ChevronRight } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { formatCounted } from '@/components/format/quantity';
import type { Mark } from '@/components/log-viewer/marked-spans';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { Field } from './field';
import { readStructuredLine } from './structured-line';
import { type Expansion, useExpanded } from './use-expanded';
import { useKeptFocus } from './use-kept-focus';
import { ValueMenu } from './value-menu';
import { ValueText } from './value-text';
import { visibleText } from './visible-text';

/** Objects and lists with more members are closed at first. */
const OPEN_MEMBERS_MAX = 12;
/** How deep objects and lists are open at first. */
const OPEN_DEPTH_MAX = 2;

export interface FieldTreeProps {
  line: LogMessage;
  /** The line's number as it is shown. */
  number: number;
  marks?: readonly Mark[] | undefined;
  expansion: Expansion;
  /** Takes a term of `q`; without it values are only copied. */
  onAddTerm?: ((term: string) => void) | undefined;
}

/** All fields of a line, one below the other, those of objects and lists indented below them. */
export function FieldTree(props: FieldTreeProps) {
  const { line, number } = props;
  const read = useMemo(() => readStructuredLine(line), [line]);
  const tree = useRef<HTMLDivElement>(null);
  useKeptFocus(tree);
  if (!read) return null;
  const { message, attributes } = read;
  return (
    <div ref={tree} className="log-fields">
      {message && (
        <FieldGroup
          {...props}
          label={`Fields of line ${number}`}
          group={message.kind}
          fields={message.fields}
          depth={0}
        />
      )}
      {message?.isCut && <p className="log-faint">Further fields are in the line’s text alone.</p>}
      {attributes.length > 0 && (
        <>
          {message && <p className="log-faint">Attributes</p>}
          <FieldGroup
            {...props}
            label={`Attributes of line ${number}`}
            group="attributes"
            fields={attributes}
            depth={0}
          />
        </>
      )}
    </div>
  );
}

interface GroupProps extends FieldTreeProps {
  label?: string;
  /** What the keys of its members begin with. */
  group: string;
  fields: readonly Field[];
  depth: number;
}

function FieldGroup({ label, group, fields, ...rest }: GroupProps) {
  return (
    <ul aria-label={label}>
      {fields.map((field, place) => (
        // Of one name there can be several; the fields of a line never change.
        <FieldItem key={`${place}`} {...rest} group={`${group}/${place}`} field={field} />
      ))}
    </ul>
  );
}

function FieldItem({ field, ...rest }: Omit<GroupProps, 'fields' | 'label'> & { field: Field }) {
  if (field.members && field.members.length > 0) return <NestedItem {...rest} field={field} members={field.members} />;
  return (
    <li className="log-field">
      <FieldName name={field.name} />
      <ValueMenu
        field={field}
        onAddTerm={rest.onAddTerm}
        className="log-value"
        data-type={field.type}
        aria-label={`${field.path}: ${field.text === '' ? 'empty' : field.text.slice(0, 200)}`}
      >
        {field.text === '' ? <span className="log-faint">""</span> : <ValueText field={field} marks={rest.marks} />}
      </ValueMenu>
    </li>
  );
}

function NestedItem({
  field,
  members,
  ...rest
}: Omit<GroupProps, 'fields' | 'label'> & { field: Field; members: readonly Field[] }) {
  const isOpenAtFirst = rest.depth < OPEN_DEPTH_MAX && members.length <= OPEN_MEMBERS_MAX;
  const [isOpen, toggle] = useExpanded(rest.expansion, `${rest.line.id}/${rest.group}`, isOpenAtFirst);
  const size = formatCounted(members.length, field.type === 'list' ? 'element' : 'field');
  return (
    <li>
      <div className="log-field">
        <button type="button" aria-expanded={isOpen} aria-label={field.path} onClick={toggle} className="log-nest">
          <ChevronRight aria-hidden />
          <FieldName name={field.name} />
        </button>
        <ValueMenu
          field={field}
          onAddTerm={undefined}
          className="log-value"
          data-type={field.type}
          aria-label={`${field.path}: ${size}`}
        >
          {size}
        </ValueMenu>
      </div>
      {isOpen && <FieldGroup {...rest} fields={members} depth={rest.depth + 1} />}
    </li>
  );
}

function FieldName({ name }: { name: string }) {
  return <span className="log-name">{name === '' ? '""' : visibleText(name)}</span>;
}
