import {
  AppWindow,
  BookOpen,
  Film,
  FingerprintPattern,
  Music,
  RotateCw,
  Shuffle,
  Tv,
} from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { api, type RequestFailed } from '../api.ts';
import type { Answer, Endpoint, Item, Replay } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Button } from '../parts/button.tsx';
import { Code, Copyable } from '../parts/copy.tsx';
import { Empty, Failed, Panel } from '../parts/panel.tsx';
import { StateMark } from '../parts/state-mark.tsx';

const pseudonymShape = /^[0-9a-f]{64}$/;
const icons = { song: Music, book: BookOpen, app: AppWindow, episode: Tv, series: Tv };
const choices = [5, 10, 20, 50] as const;

interface Question {
  readonly account: string;
  readonly k: number;
  readonly excludeSeen: boolean;
  readonly storefront: string;
}

/** Ask the endpoint as the product does, see titles, and compute an answer again bit for bit. */
export function TryPanel({ endpoint }: { readonly endpoint: Endpoint }) {
  const { t } = useConsole();
  const [question, setQuestion] = useState<Question>({
    account: '',
    k: 10,
    excludeSeen: true,
    storefront: '',
  });
  const [answer, setAnswer] = useState<Answer>();
  const [error, setError] = useState<RequestFailed>();
  const [busy, setBusy] = useState(false);
  const ask = (asked: Question): void => {
    if (asked.account === '') return;
    setBusy(true);
    setError(undefined);
    const who = pseudonymShape.test(asked.account)
      ? { pseudonym: asked.account }
      : { account: asked.account };
    void api
      .recommend(endpoint.name, {
        ...who,
        k: asked.k,
        excludeSeen: asked.excludeSeen,
        ...(asked.storefront !== '' && { storefront: asked.storefront }),
      })
      .then(setAnswer)
      .catch((cause: unknown) => setError(cause as RequestFailed))
      .finally(() => setBusy(false));
  };
  const change = (part: Partial<Question>, now: boolean): void => {
    const next = { ...question, ...part };
    setQuestion(next);
    if (now) ask(next);
  };
  return (
    <Panel
      title={t('try.title')}
      className="grows try"
      aside={answer && <bdi dir="ltr" className="tag">{`v${answer.version}`}</bdi>}
      foot={answer && <ReplayFoot key={answer.prediction} answer={answer} />}
    >
      <TryForm
        endpoint={endpoint}
        question={question}
        busy={busy}
        ms={answer?.ms}
        onChange={change}
      />
      {error && <Failed error={error} />}
      {answer?.fallback && (
        <p className="try-note small second">
          <bdi>{answer.fallback}</bdi>
        </p>
      )}
      {answer ? <Titles items={answer.items} /> : !error && <Empty sentence={t('try.ask')} />}
    </Panel>
  );
}

function TryForm(props: {
  readonly endpoint: Endpoint;
  readonly question: Question;
  readonly busy: boolean;
  readonly ms: number | undefined;
  readonly onChange: (part: Partial<Question>, now: boolean) => void;
}) {
  const { t, f } = useConsole();
  const { endpoint, question, onChange } = props;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onChange({}, true);
  };
  const next = (): void => {
    const at = endpoint.examples.indexOf(question.account);
    const account = endpoint.examples[(at + 1) % endpoint.examples.length];
    if (account !== undefined) onChange({ account }, true);
  };
  return (
    <form className="try-form" onSubmit={submit}>
      <div className="row">
        <div className="field with-icon">
          <FingerprintPattern aria-hidden size={15} strokeWidth={1.6} className="icon third" />
          <input
            className="mono"
            dir="ltr"
            aria-label={t('try.account')}
            placeholder={t('try.account')}
            value={question.account}
            onChange={(event) => onChange({ account: event.target.value.trim() }, false)}
          />
          {endpoint.examples.length > 0 && (
            <button
              type="button"
              className="icon-button"
              aria-label={t('try.next')}
              title={t('try.next')}
              onClick={next}
            >
              <Shuffle aria-hidden size={15} strokeWidth={1.6} className="icon" />
            </button>
          )}
        </div>
        <Button
          type="submit"
          busy={props.busy}
          disabled={question.account === ''}
          because={t('try.account')}
        >
          {t('act.ask')}
        </Button>
      </div>
      <div className="row small nowrap">
        {endpoint.storefronts.length > 0 && (
          <select
            className="select"
            aria-label={t('try.storefront')}
            value={question.storefront}
            onChange={(event) => onChange({ storefront: event.target.value }, true)}
          >
            <option value="">{t('try.anyStorefront')}</option>
            {endpoint.storefronts.map((code) => (
              <option key={code} value={code}>
                {code}
              </option>
            ))}
          </select>
        )}
        <select
          className="select"
          aria-label={t('try.howMany')}
          value={question.k}
          onChange={(event) => onChange({ k: Number(event.target.value) }, true)}
        >
          {choices.map((k) => (
            <option key={k} value={k}>
              {t('try.k', { k })}
            </option>
          ))}
        </select>
        <label className="check">
          <input
            className="check-box"
            type="checkbox"
            checked={question.excludeSeen}
            onChange={(event) => onChange({ excludeSeen: event.target.checked }, true)}
          />
          {t('try.skipSeen')}
        </label>
        <span className="grow" />
        {props.ms !== undefined && <span className="second">{f.duration(props.ms)}</span>}
      </div>
    </form>
  );
}

function Titles({ items }: { readonly items: readonly Item[] }) {
  const { t, f } = useConsole();
  if (items.length === 0) return <Empty sentence={t('try.nothing')} />;
  return (
    <ol className="titles" data-rows="">
      {items.map((item) => {
        const Icon = icons[item.mediaKind as keyof typeof icons] ?? Film;
        return (
          <li key={item.item}>
            <span className="third number">{f.number(item.rank)}</span>
            <span className="cover" aria-hidden>
              <Icon size={14} strokeWidth={1.5} className="icon" />
            </span>
            <span className="title-text">
              <bdi className="name cut">{item.title ?? item.item}</bdi>
              <bdi className="small second cut">
                {item.genres.length > 0 ? f.list(item.genres) : item.item}
              </bdi>
            </span>
            <span className="number">{f.decimal(item.score, 2)}</span>
          </li>
        );
      })}
    </ol>
  );
}

/** The logged prediction, computed again from the model's digest. */
function ReplayFoot({ answer }: { readonly answer: Answer }) {
  const { t } = useConsole();
  const [replay, setReplay] = useState<Replay>();
  const [error, setError] = useState<RequestFailed>();
  const [busy, setBusy] = useState(false);
  const again = (): void => {
    setBusy(true);
    void api
      .replay(answer.prediction)
      .then(setReplay)
      .catch((cause: unknown) => setError(cause as RequestFailed))
      .finally(() => setBusy(false));
  };
  return (
    <div className="row small">
      {replay ? (
        <StateMark sign={replay.same ? 'ok' : 'fail'}>
          {t(replay.same ? 'try.same' : 'try.differs')}
        </StateMark>
      ) : error ? (
        <span className="hue-fail">
          <Code>{error.problem.code}</Code>
        </span>
      ) : (
        <span className="second with-icon">
          {t('try.prediction')}{' '}
          <Copyable
            text={answer.prediction.slice(0, 12)}
            label={t('copy.id', { id: answer.prediction })}
          />
        </span>
      )}
      <span className="grow" />
      <Button icon={RotateCw} busy={busy} onPress={again}>
        {t(busy ? 'try.replaying' : 'try.replay')}
      </Button>
    </div>
  );
}
