import { X } from 'lucide-react';
import { useConsole } from '../console-context.ts';
import { hrefWith, navigate } from '../router.tsx';

/** Closes the right column; Escape does the same. */
export function CloseDetail({ param, href }: { readonly param?: string; readonly href?: string }) {
  const { t } = useConsole();
  return (
    <button
      type="button"
      className="icon-button"
      data-close=""
      aria-label={t('act.close')}
      title={t('act.close')}
      onClick={() => navigate(href ?? hrefWith({ [param!]: undefined }))}
    >
      <X aria-hidden size={16} strokeWidth={1.6} className="icon" />
    </button>
  );
}
