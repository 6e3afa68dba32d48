import type { Version } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Id } from '../parts/copy.tsx';
import { Empty, Fact, Panel } from '../parts/panel.tsx';

/** What the model may know of a person, in plain words: the statement first, then its facts. */
export function PrivacyPanel({ version }: { readonly version: Version }) {
  const { t } = useConsole();
  const [first, ...rest] = version.privacy;
  return (
    <Panel title={t('model.privacy')} aside={<Id id={version.card} />} className="grows">
      {first === undefined ? (
        <Empty sentence={t('model.noPrivacy')} />
      ) : (
        <div className="padded stack-small">
          <p>
            <bdi>{first.text}</bdi>
          </p>
          <dl className="facts">
            {rest.map(({ label, text }) => (
              <Fact key={label} label={<bdi>{label}</bdi>}>
                <bdi>{text}</bdi>
              </Fact>
            ))}
          </dl>
        </div>
      )}
    </Panel>
  );
}
