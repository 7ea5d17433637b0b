/// Something that lives in flash and is to survive power cuts: a store, or a whole token.
protocol CutSubject: AnyObject {
  /// The subject, its measures and its seed: what `CutPlace.run` is.
  var run: String { get }

  /// Does the next operation of its workload, without a cut, and checks what it answers.
  func step() throws(Complaint) -> CutTrace

  /// Powers up on `flash`, and says what that did to it.
  func recover(from flash: NORFlash) throws(Complaint) -> [FlashEvent]

  /// Powers up on `flash`, which was cut in the last `step` or in a recovery from that, and looks at
  /// everything.
  ///
  /// - Parameters:
  ///   - isAnswered: the operation had answered before the cut, so it has to have happened.
  ///   - chance: a random number, to look closer now and then.
  func judge(_ flash: NORFlash, isAnswered: Bool, chance: UInt64) throws(Complaint)
}

/// What one operation did to the flash.
struct CutTrace {
  /// The flash before.
  let flash: NORFlash
  let events: [FlashEvent]
  /// How many of the events came before the answer.
  let answeredAfter: Int
}
