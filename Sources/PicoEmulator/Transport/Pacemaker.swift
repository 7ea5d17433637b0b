import TokenClient

/// How emulated time goes along with this machine's.
public enum Pace: Sendable {
  /// As fast: the token's clock is this machine's. After a pause, it runs until it has caught up.
  case realTime
  /// As fast as it can be computed, and only while somebody waits for the token.
  case unpaced
}

/// Says how far an emulated Pico may run now.
struct Pacemaker {
  let pace: Pace
  /// The same moment on either side.
  private let machineStart: UInt64
  private let picoStart: Nanoseconds

  init(_ pace: Pace, pico: Nanoseconds) {
    self.pace = pace
    machineStart = Deadline.now.nanoseconds
    picoStart = pico
  }

  /// Where emulated time should be now; `nil` when nothing says so.
  var target: Nanoseconds? {
    guard pace == .realTime else { return nil }
    return picoStart + Nanoseconds(Deadline.now.nanoseconds - machineStart)
  }
}
