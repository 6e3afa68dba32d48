import {
  concat,
  type Expression,
  gruStep,
  multiplyElements,
  reshape,
  slice,
} from '@backlot/compute';
import { defineModule, type Module } from './module.ts';

/**
 * A gated recurrent unit (Cho et al. 2014) over x [rows, length, inputs], from a state of zeros: the states
 * of all places, [rows, length, width]. The length is a known number; the recurrence is unrolled.
 */
export function gru(inputs: number, width: number): Module {
  const start = { kind: 'glorot' } as const;
  const zeros = { kind: 'zeros' } as const;
  return defineModule({
    parameters: {
      input: { shape: [inputs, 3 * width], start },
      state: { shape: [width, 3 * width], start },
      inputBias: { shape: [3 * width], start: zeros },
      stateBias: { shape: [3 * width], start: zeros },
    },
    call: ({ own }, x) => {
      const [rows, length] = x!.shape as [string | number, number];
      const weights = {
        ...{ input: own.input!, state: own.state! },
        ...{ inputBias: own.inputBias!, stateBias: own.stateBias! },
      };
      const at = (place: number): Expression =>
        reshape(slice(x!, 1, place, place + 1), [rows, inputs]);
      // A state of zeros for so many rows: they come from the input, which has that length.
      const first = multiplyElements(slice(at(0), 1, 0, 1), 0);
      let state = concat(new Array<Expression>(width).fill(first), 1);
      const states: Expression[] = [];
      for (let place = 0; place < length; place++) {
        state = gruStep(at(place), state, weights);
        states.push(reshape(state, [rows, 1, width]));
      }
      return concat(states, 1);
    },
  });
}
