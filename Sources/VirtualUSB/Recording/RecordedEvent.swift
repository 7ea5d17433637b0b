/// What a recording holds: the beginnings and the ends of transfers.
public enum RecordedEvent: Equatable, Sendable {
  case submitted(Transfer)
  case completed(Completion)
}
