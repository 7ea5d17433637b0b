import Glibc

/// A call that the system refused.
public struct SystemFailure: Error, Equatable, Sendable {
  /// The call's name.
  public let operation: String
  /// Its errno.
  public let code: Int32

  /// By default of the call that has just failed.
  package init(_ operation: String, code: Int32 = errno) {
    self.operation = operation
    self.code = code
  }
}

extension SystemFailure: CustomStringConvertible {
  /// A clause without a full stop.
  public var description: String { "\(operation) failed: \(String(cString: strerror(code)))" }
}
