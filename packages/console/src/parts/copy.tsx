import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useConsole } from '../console-context.ts';
import { shortId } from '../format/format.ts';

const shownMs = 1500;

/** Copies a text and says for a moment that it did. */
function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const { t } = useConsole();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), shownMs);
    return () => clearTimeout(timer);
  }, [copied]);
  const Icon = copied ? Check : Copy;
  return (
    <button
      type="button"
      className="copy-button"
      aria-label={copied ? t('copy.done') : label}
      title={copied ? t('copy.done') : label}
      onClick={(event) => {
        event.stopPropagation();
        void navigator.clipboard?.writeText(text).then(() => setCopied(true));
      }}
    >
      <Icon aria-hidden size={13} strokeWidth={1.6} className="icon" />
    </button>
  );
}

/** A technical text that keeps its own direction whatever surrounds it. */
export function Code({ children }: { readonly children: string }) {
  return (
    <bdi dir="ltr" className="mono">
      {children}
    </bdi>
  );
}

/** An id's first digits; the button copies the whole. */
export function Id({ id, copy = true }: { readonly id: string; readonly copy?: boolean }) {
  const { t } = useConsole();
  return (
    <span className="id">
      <bdi dir="ltr" className="mono" title={id}>
        {shortId(id)}
      </bdi>
      {copy && <CopyButton text={id} label={t('copy.id', { id: shortId(id) })} />}
    </span>
  );
}

/** A command to type, with a button that copies it: what the page does, the terminal does. */
export function Command({ children }: { readonly children: string }) {
  const { t } = useConsole();
  return (
    <div className="command">
      <bdi dir="ltr" className="command-text">
        <span aria-hidden className="third">
          $
        </span>
        <code>{children}</code>
      </bdi>
      <CopyButton text={children} label={t('copy.command')} />
    </div>
  );
}

/** A line of text to copy, such as a page's path. */
export function Copyable({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <span className="id">
      <Code>{text}</Code>
      <CopyButton text={text} label={label} />
    </span>
  );
}
