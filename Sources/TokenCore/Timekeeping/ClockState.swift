/// Whether the token knows the time (CLOCK STATUS, tag `clockState`).
public enum ClockState: UInt8, Sendable {
  /// Never set, or lost before the last reset: takes its first time freely if no code was computed yet.
  case unset = 0
  case running = 1
  /// Was set, and lost its count since (battery). Takes a time only with authentication.
  case lost = 2
}

/// What became of a time that a host handed in (CLOCK SYNC and CLOCK SET, tag `syncOutcome`).
public enum SyncOutcome: UInt8, Sendable {
  /// The first time, or one with authentication: the clock was set.
  case set = 0
  /// The difference was within the uncertainty and less than 0.1 s.
  case inStep = 1
  /// The clock is being slewed by the difference.
  case slewed = 2
}

/// What a time change beyond the bounded sync does (CLOCK POLICY, tag `clockPolicy`).
public enum ClockPolicy: UInt8, Sendable {
  /// It is for those who know the access key, and leaves the secrets.
  case refuse = 0
  /// It is for anybody, and wipes all secrets first, whoever asks.
  case wipe = 1
}
