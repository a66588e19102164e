/** A value with its type, as D-Bus has it in properties. */
export class BusVariant {
  /** D-Bus signature: `t` is an unsigned 64-bit integer. */
  readonly signature: string;
  /** 64-bit integers are bigint. */
  readonly value: unknown;

  constructor(signature: string, value: unknown) {
    this.signature = signature;
    this.value = value;
  }
}

/** A method call. */
export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
}

/** A signal that has arrived. */
export interface BusSignal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

/** The error reply of a call. */
export class BusError extends Error {
  override readonly name = 'BusError';
  /** `org.freedesktop.systemd1.NoSuchUnit` and the like. */
  readonly type: string;

  constructor(type: string, text: string, options?: ErrorOptions) {
    super(text === '' ? type : `${text} (${type})`, options);
    this.type = type;
  }
}

/** A connection to a message bus: all that the driver needs of a D-Bus library. */
export interface Bus {
  /**
   * Calls a method.
   *
   * @returns the reply's values.
   * @throws {BusError} for an error reply, and of type `org.freedesktop.DBus.Error.Disconnected` when the connection
   *   is lost meanwhile.
   */
  call(call: BusCall): Promise<readonly unknown[]>;
  /** Calls back for every signal that arrives; which do is for AddMatch to say. */
  onSignal(listener: (signal: BusSignal) => void): void;
  /** Calls back once when the connection is lost. */
  onClosed(listener: () => void): void;
  /** Whether calls can be made. */
  readonly connected: boolean;
  /** Ends the connection. */
  close(): void;
}

/** The type of the error for a lost connection. */
export const disconnected = 'org.freedesktop.DBus.Error.Disconnected';
