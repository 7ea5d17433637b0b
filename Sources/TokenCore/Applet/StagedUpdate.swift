import OATH

/// A new secret that waits beside the old one until the site is known to have taken it.
///
/// It lives in RAM only. So a lost cable, a crash and an empty battery roll it back without a single
/// flash operation, and no secret of an unfinished update ever has to be hunted down in the flash.
struct StagedUpdate: ~Copyable {
  private(set) var credential = CredentialRecord()
  /// Who staged it; `reserved` when nothing is staged.
  private(set) var channel = ChannelID.reserved
  private var deadline = Ticks(0)

  var isEmpty: Bool { channel == .reserved }

  mutating func stage(
    _ credential: borrowing CredentialRecord, on channel: ChannelID, until deadline: Ticks
  ) {
    self.credential.copy(credential)
    self.channel = channel
    self.deadline = deadline
  }

  /// Raises the first counter of a staged HOTP credential and gives its value before, so that a code
  /// shown while it was staged is not computed again once it is committed.
  mutating func nextCounter() throws(StatusWord) -> MovingFactor {
    let counter = credential.firstCounter
    guard counter < .max else { throw .conditionsNotSatisfied }
    credential.setFirstCounter(counter + 1)
    return MovingFactor(UInt64(counter))
  }

  mutating func expire(at now: Ticks) {
    if !isEmpty, now >= deadline { wipe() }
  }

  mutating func wipe() {
    credential.wipe()
    channel = .reserved
  }
}
