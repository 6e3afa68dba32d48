import type { Version } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Id } from '../parts/copy.tsx';
import { Empty, Fact, Panel } from '../parts/panel.tsx';

/** What the model may know of a person, in plain words: the statement first, then its facts. */
export function PrivacyPanel({ version }: { readonly version: Version }) {
  const { t } = useConsole();
  const sentences = version.privacy.filter(({ label }) => label === '');
  const facts = version.privacy.filter(({ label }) => label !== '');
  // Where no sentence stands apart, the first fact is the statement.
  const [first, ...rest] = sentences.length > 0 ? sentences : facts.splice(0, 1);
  return (
    <Panel title={t('model.privacy')} aside={<Id id={version.card} />} className="grows">
      {first === undefined ? (
        <Empty sentence={t('model.noPrivacy')} />
      ) : (
        <div className="padded stack-small">
          <p>
            <bdi>{first.text}</bdi>
          </p>
          {rest.map(({ text }) => (
            <p key={text} className="small second">
              <bdi>{text}</bdi>
            </p>
          ))}
          <dl className="facts">
            {facts.map(({ label, text }) => (
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
