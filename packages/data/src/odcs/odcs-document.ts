/** What we write and read of the Open Data Contract Standard 3.1, as plain JSON. */
export interface OdcsDocument {
  readonly apiVersion: string;
  readonly kind: 'DataContract';
  readonly id: string;
  readonly version: string;
  readonly status: string;
  readonly name?: string;
  readonly schema?: readonly OdcsObject[];
  readonly slaProperties?: readonly OdcsServiceLevel[];
}

export interface OdcsObject {
  readonly name: string;
  readonly logicalType?: 'object';
  readonly physicalType?: string;
  readonly description?: string;
  readonly properties?: readonly OdcsProperty[];
  readonly quality?: readonly OdcsQuality[];
  readonly customProperties?: readonly OdcsCustomProperty[];
}

export interface OdcsProperty {
  readonly name?: string;
  readonly logicalType?: string;
  readonly logicalTypeOptions?: Readonly<Record<string, unknown>>;
  readonly physicalType?: string;
  readonly required?: boolean;
  readonly primaryKey?: boolean;
  readonly primaryKeyPosition?: number;
  readonly classification?: string;
  readonly description?: string;
  readonly items?: OdcsProperty;
  readonly quality?: readonly OdcsQuality[];
  readonly customProperties?: readonly OdcsCustomProperty[];
}

export interface OdcsQuality {
  readonly type?: string;
  readonly severity?: string;
  readonly engine?: string;
  readonly implementation?: unknown;
  readonly customProperties?: readonly OdcsCustomProperty[];
  readonly metric?: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly mustBe?: unknown;
}

export interface OdcsCustomProperty {
  readonly property: string;
  readonly value: unknown;
}

interface OdcsServiceLevel {
  readonly property: string;
  readonly value: unknown;
  readonly unit?: string;
  readonly element?: string;
}

/** Our own words in documents of the standard: what no other tool needs to know is under these names. */
export const ownProperties = {
  kind: 'backlotKind',
  epoch: 'backlotEpoch',
  scale: 'backlotScale',
  /** Bounds that a JSON number cannot hold. */
  min: 'backlotMin',
  max: 'backlotMax',
  maxLength: 'backlotMaxLength',
  purposes: 'backlotPurposes',
  maxBadShare: 'backlotMaxBadShare',
  buckets: 'backlotBuckets',
  retentionBy: 'backlotRetentionBy',
  corrections: 'backlotCorrections',
  late: 'backlotLate',
  /** Where a rule stands among all of its table. */
  place: 'backlotPlace',
} as const;
