import TokenCore

extension SimulatedBoard {
  /// A new board, whose clock its maker has set: as `new()`, and CLOCK SYNC.
  ///
  /// The time is good from the moment at which the board first runs; whoever puts it aside for longer
  /// says in its image since when.
  ///
  /// - Parameter uncertainty: by how much `time` may be off, an hour at most.
  public static func new(
    at time: UnixTime, uncertainty: Microseconds, entropy: EntropySource = .system
  ) -> SimulatedBoard {
    var token = SimulatedToken(board: .new(entropy: entropy))
    let data = field(.time, time.microseconds) + field(.bound, uncertainty.rawValue)
    let isTaken = token.receive(
      apdu: [0, Instruction.clockSync.rawValue, 0, 0, UInt8(data.count)] + data)
    let answer = token.nextCardResponse() ?? []
    // A token that holds nothing takes any time that there is.
    precondition(
      isTaken && answer.suffix(2) == [0x90, 0x00], "a new token refuses \(time), \(uncertainty)")
    token.unplug()
    return token.board
  }

  private static func field(_ tag: Tag, _ number: Int64) -> [UInt8] {
    [tag.rawValue, 8] + (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
  }
}
