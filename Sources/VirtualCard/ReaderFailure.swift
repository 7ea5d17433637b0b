/// Why no card can be put into a reader.
public enum ReaderFailure: Error, Equatable, Sendable {
  /// No IPv4 address belongs to that name; the reason is the resolver's.
  case unknownHost(String, reason: String)
}

extension ReaderFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownHost(let host, let reason):
      "The host \(host) of the reader is not known: \(reason). Give its name or IPv4 address."
    }
  }
}
