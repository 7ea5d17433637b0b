import TokenSimulator

/// What happens between the card and its reader, for whoever watches.
public enum ReaderEvent: Equatable, Sendable {
  /// The reader asked the card something: it is in, and works.
  case inserted
  /// The card was in, and is no longer: the reader went away. It is tried again.
  case lost
  /// The token was pulled off its cable, so there is no card.
  case removed
  /// No reader is there. It is tried again, and said once.
  case unreachable(SystemFailure)
  /// Something takes the connection, and asks nothing: another card is in the reader, or it is no
  /// reader at all.
  case silent
}
