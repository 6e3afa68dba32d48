import { BacklotError } from '@backlot/core';
import type { AnswerView, Client, contracts } from '@backlot/server/client';

/** What the new endpoint answered to a few questions. */
export type JobAnswers = readonly {
  readonly asked: string;
  readonly prediction: string;
  readonly fallback?: string;
  readonly items: readonly string[];
  /** Whether the answer came out the same, bit for bit, when it was computed again. */
  readonly replayed: boolean;
}[];

/** The endpoint's answers are not what they should be. */
class AnswerFellShort extends BacklotError {
  constructor(endpoint: string, reason: string) {
    super({ code: 'E-BACKLOT-011', kind: 'failed', reason, place: `endpoint/${endpoint}` });
  }
}

const k = 5;

/** Asks for two known accounts and a stranger, and replays each answer. */
export async function askEndpoint(
  api: Client<typeof contracts>,
  endpoint: string,
): Promise<JobAnswers> {
  const { examples } = await api.readEndpoint({ params: { endpoint } });
  const questions = [
    ...examples.slice(0, 2).map((pseudonym) => ({ asked: pseudonym.slice(0, 7), pseudonym })),
    { asked: 'a stranger', account: 'nobody-has-this-account' },
  ];
  const answers = [];
  for (const { asked, ...who } of questions) {
    const answer = await api.recommend({ params: { endpoint }, body: { ...who, k } });
    if (answer.items.length === 0) throw new AnswerFellShort(endpoint, 'an answer has no items');
    answers.push(await replayed(api, endpoint, asked, answer));
  }
  return answers;
}

async function replayed(
  api: Client<typeof contracts>,
  endpoint: string,
  asked: string,
  { prediction, fallback, items }: AnswerView,
): Promise<JobAnswers[number]> {
  const { same } = await api.replayPrediction({ params: { prediction }, body: {} });
  if (!same) throw new AnswerFellShort(endpoint, 'an answer came out otherwise when replayed');
  return {
    ...{ asked, prediction, items: items.map(({ item, title }) => title ?? item) },
    ...(fallback !== undefined && { fallback }),
    replayed: same,
  };
}
