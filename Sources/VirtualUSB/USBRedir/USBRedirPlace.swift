/// Where usbredir's two sides meet.
public enum USBRedirPlace: Equatable, Sendable {
  /// A path to listen at, in a folder of this user's.
  case listening(at: String)
  /// The path of a socket at which the guest listens. It is tried again while nobody does, and after
  /// the guest has gone.
  case connecting(to: String)
}
