import {
  bool,
  bytes,
  double,
  int32,
  int64,
  type Message,
  mapOf,
  message,
  nested,
  repeated,
  text,
} from './message.ts';

/*
 * The part of Spark Connect's protocol (package spark.connect, Spark 4.1) that we speak, as tables.
 * Numbers never change in a protocol of this kind, so a newer server understands them too.
 */

const empty = message({});

/** Spark's types, as a schema names them; only what the columns of a relation can have. */
export interface DataType {
  readonly null?: object | undefined;
  readonly binary?: object | undefined;
  readonly boolean?: object | undefined;
  readonly byte?: object | undefined;
  readonly short?: object | undefined;
  readonly integer?: object | undefined;
  readonly long?: object | undefined;
  readonly float?: object | undefined;
  readonly double?: object | undefined;
  readonly decimal?:
    | { readonly scale?: number | undefined; readonly precision?: number | undefined }
    | undefined;
  readonly string?: object | undefined;
  readonly date?: object | undefined;
  readonly timestamp?: object | undefined;
  readonly timestampNtz?: object | undefined;
  readonly array?:
    | { readonly element?: DataType | undefined; readonly containsNull?: boolean | undefined }
    | undefined;
  readonly struct?: { readonly fields?: readonly StructField[] | undefined } | undefined;
}

interface StructField {
  readonly name?: string | undefined;
  readonly type?: DataType | undefined;
  readonly nullable?: boolean | undefined;
}

const structField: Message<StructField> = message({
  name: text(1),
  type: nested(2, () => dataType),
  nullable: bool(3),
});

const dataType: Message<DataType> = message({
  null: nested(1, empty),
  binary: nested(2, empty),
  boolean: nested(3, empty),
  byte: nested(4, empty),
  short: nested(5, empty),
  integer: nested(6, empty),
  long: nested(7, empty),
  float: nested(8, empty),
  double: nested(9, empty),
  decimal: nested(10, message({ scale: int32(1), precision: int32(2) })),
  string: nested(11, empty),
  date: nested(14, empty),
  timestamp: nested(15, empty),
  timestampNtz: nested(16, empty),
  array: nested(20, message({ element: nested(1, () => dataType), containsNull: bool(2) })),
  struct: nested(21, message({ fields: repeated(nested(1, structField)) })),
});

const scalars = {
  null: nested(1, dataType),
  binary: bytes(2),
  boolean: bool(3),
  integer: int32(6),
  long: int64(7),
  double: double(11),
  decimal: nested(12, message({ value: text(1) })),
  string: text(13),
  date: int32(16),
  timestamp: int64(17),
};

export const literal = message({
  ...scalars,
  array: nested(
    22,
    message({ elementType: nested(1, dataType), elements: repeated(nested(2, message(scalars))) }),
  ),
});

const expression = message({ literal: nested(1, literal) });

const relation = message({
  read: nested(
    2,
    message({
      dataSource: nested(
        2,
        message({
          format: text(1),
          schema: text(2),
          options: mapOf(3, text),
          paths: repeated(text(4)),
        }),
      ),
    }),
  ),
  sql: nested(
    10,
    message({
      query: text(1),
      namedArguments: mapOf(4, (number) => nested(number, expression)),
      positionalArguments: repeated(nested(5, expression)),
    }),
  ),
});

const command = message({
  write: nested(
    2,
    message({
      input: nested(1, relation),
      source: text(2),
      path: text(3),
      mode: int32(5),
      partitioningColumns: repeated(text(7)),
      options: mapOf(9, text),
    }),
  ),
  createView: nested(
    3,
    message({ input: nested(1, relation), name: text(2), isGlobal: bool(3), replace: bool(4) }),
  ),
});

/** `WriteOperation.SaveMode`: an existing folder is an error. */
export const errorIfExists = 3;

export const plan = message({ root: nested(1, relation), command: nested(2, command) });

const userContext = message({ userId: text(1), userName: text(2) });

/** What every request names; `observed` has another number in each. */
function common(observed: number) {
  return {
    sessionId: text(1),
    userContext: nested(2, userContext),
    observedServerSession: text(observed),
  };
}

export const executePlanRequest = message({
  ...common(8),
  plan: nested(3, plan),
  clientType: text(4),
  requestOptions: repeated(
    nested(
      5,
      message({
        reattach: nested(1, message({ reattachable: bool(1) })),
        chunking: nested(2, message({ allowed: bool(1), preferredBytes: int64(2) })),
      }),
    ),
  ),
  operationId: text(6),
});

export const executePlanResponse = message({
  sessionId: text(1),
  arrowBatch: nested(
    2,
    message({
      rowCount: int64(1),
      data: bytes(2),
      startOffset: int64(3),
      chunkIndex: int64(4),
      chunksInBatch: int64(5),
    }),
  ),
  operationId: text(12),
  responseId: text(13),
  resultComplete: nested(14, empty),
  serverSession: text(15),
  progress: nested(
    18,
    message({
      stages: repeated(
        nested(1, message({ stageId: int64(1), tasks: int64(2), completedTasks: int64(3) })),
      ),
      tasksInFlight: int64(2),
    }),
  ),
});

export const reattachExecuteRequest = message({
  ...common(6),
  operationId: text(3),
  clientType: text(4),
  lastResponseId: text(5),
});

export const releaseExecuteRequest = message({
  ...common(7),
  operationId: text(3),
  clientType: text(4),
  releaseAll: nested(5, empty),
});

export const releaseExecuteResponse = message({ serverSession: text(3) });

export const releaseSessionRequest = message({
  sessionId: text(1),
  userContext: nested(2, userContext),
  clientType: text(3),
});

export const releaseSessionResponse = message({ serverSession: text(2) });

export const analyzePlanRequest = message({
  ...common(17),
  clientType: text(3),
  schema: nested(4, message({ plan: nested(1, plan) })),
  explain: nested(5, message({ plan: nested(1, plan), mode: int32(2) })),
  sparkVersion: nested(10, empty),
});

export const analyzePlanResponse = message({
  serverSession: text(15),
  schema: nested(2, message({ schema: nested(1, dataType) })),
  explain: nested(3, message({ text: text(1) })),
  sparkVersion: nested(8, message({ version: text(1) })),
});

const keyValue = message({ key: text(1), value: text(2) });

export const configRequest = message({
  ...common(8),
  operation: nested(
    3,
    message({
      set: nested(1, message({ pairs: repeated(nested(1, keyValue)) })),
      getOption: nested(4, message({ keys: repeated(text(1)) })),
    }),
  ),
  clientType: text(4),
});

export const configResponse = message({
  serverSession: text(4),
  pairs: repeated(nested(2, keyValue)),
});

export const interruptRequest = message({
  ...common(7),
  clientType: text(3),
  interruptType: int32(4),
  operationId: text(6),
});

/** `InterruptRequest.InterruptType`: the operation of one id. */
export const interruptOperation = 3;

export const interruptResponse = message({
  serverSession: text(3),
  interruptedIds: repeated(text(2)),
});

export const fetchErrorDetailsRequest = message({
  ...common(5),
  errorId: text(3),
  clientType: text(4),
});

export const fetchErrorDetailsResponse = message({
  rootErrorIndex: int32(1),
  errors: repeated(
    nested(
      2,
      message({
        message: text(2),
        causeIndex: int32(4),
        throwable: nested(
          5,
          message({
            errorClass: text(1),
            parameters: mapOf(2, text),
            contexts: repeated(
              nested(3, message({ startIndex: int32(3), stopIndex: int32(4), fragment: text(5) })),
            ),
            sqlState: text(4),
          }),
        ),
      }),
    ),
  ),
  serverSession: text(3),
});

/** `google.rpc.Status` with the details that are `google.rpc.ErrorInfo`. */
export const rpcStatus = message({
  code: int32(1),
  message: text(2),
  details: repeated(nested(3, message({ typeUrl: text(1), value: bytes(2) }))),
});

export const errorInfo = message({ reason: text(1), domain: text(2), metadata: mapOf(3, text) });
