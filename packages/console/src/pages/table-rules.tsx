import { apiCommand } from '../api-command.ts';
import type { Rule, Table as TableOf } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Command } from '../parts/copy.tsx';
import { Empty, Panel } from '../parts/panel.tsx';
import { StateIcon } from '../parts/state-mark.tsx';
import { hues } from '../state.ts';

const order: readonly Rule['state'][] = ['fail', 'warn', 'ok'];

/** Each rule beside how many rows broke it; what warns stands on top. */
export function RulesPanel({ table }: { readonly table: TableOf }) {
  const { t, f } = useConsole();
  const rules = table.rules.toSorted(
    (one, two) => order.indexOf(one.state) - order.indexOf(two.state),
  );
  return (
    <Panel
      title={t('table.rules')}
      className="grows"
      aside={<span className="small second">{f.number(rules.length)}</span>}
      copies={{ cli: apiCommand(`/tables/${table.name}`) }}
      foot={<Command>{apiCommand(`/tables/${table.name}`)}</Command>}
    >
      {rules.length === 0 ? (
        <Empty sentence={t('table.noRules')} />
      ) : (
        <ul className="rules small">
          {rules.map((rule) => (
            <li key={rule.name}>
              <StateIcon sign={rule.state} size={14} />
              <bdi dir="ltr" className="cut" title={rule.name}>
                {rule.name}
              </bdi>
              <span className={rule.state === 'ok' ? 'second' : `hue-${hues[rule.state]} name`}>
                {rule.broken === 0
                  ? f.number(0)
                  : t('table.broken', {
                      share: f.share(rule.broken / (rule.checked || 1)),
                      rows: f.number(rule.broken),
                    })}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
