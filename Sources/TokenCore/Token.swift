/// The token: reports in, reports out.
public struct Token<B: Board & ~Copyable>: ~Copyable {
  public var board: B

  /// Powers the token up.
  public init(board: consuming B) {
    self.board = board
  }

  /// Takes one report from the host.
  public mutating func receive(_ report: Report) {
  }

  /// Lets time pass: call it at least every 50 ms while `isWaiting`.
  public mutating func poll() {
  }

  /// Whether a time-out or the button is awaited, so that `poll()` has something to do.
  public var isWaiting: Bool { false }

  /// The next report for the host, if there is one.
  public mutating func nextReport() -> Report? {
    nil
  }
}
