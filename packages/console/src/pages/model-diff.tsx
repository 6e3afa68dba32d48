import type { Version } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { shortId } from '../format/format.ts';
import { Empty, Panel } from '../parts/panel.tsx';

const digestShape = /^sha256:[0-9a-f]{64}$/;
const marks = { '-': '\u2212', '+': '+', ' ': '' } as const;
const kinds = { '-': 'removed', '+': 'added', ' ': 'same' } as const;

/** What changes in production. Removed and added, which is neither bad nor good. */
export function DiffPanel({ version }: { readonly version: Version }) {
  const { t } = useConsole();
  const { diff } = version;
  return (
    <Panel
      title={t('model.changes')}
      className="grows"
      copies={{ cli: `backlot models ${version.model} ${version.version}` }}
      aside={
        diff && (
          <span className="small second">{t('model.against', { base: `v${diff.against}` })}</span>
        )
      }
    >
      {diff === undefined ? (
        <Empty
          sentence={
            version.aliases.includes('production') ? t('model.inProduction') : t('model.noDiff')
          }
        />
      ) : (
        <ol className="diff" dir="ltr">
          {diff.lines.map(({ mark, key, value }) => (
            <li key={`${mark} ${key} ${value}`} className={`diff-${kinds[mark]}`}>
              <span className="diff-mark" aria-hidden>
                {marks[mark]}
              </span>
              <span className="hidden-visually">{t(`diff.${kinds[mark]}`)}</span>
              <span className="diff-key">{key}</span>
              <span className="diff-value" title={value}>
                {digestShape.test(value) ? shortId(value) : value}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
