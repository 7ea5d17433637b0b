// STAGE and COMMIT: Docs/protocol.md, section 7.
extension Applet {
  mutating func stage<B: Board & ~Copyable>(
    on channel: ChannelID, board: inout B
  ) throws(StatusWord) {
    let name = try composeRequested(board: &board)
    _ = try requiredSlot(named: name, board: &board)
    _ = try composeRequested(board: &board)
    let timeout = board.tickRate.ticks(inMilliseconds: AppletLimits.stagingTimeoutMilliseconds)
    staged.stage(record, on: channel, until: board.ticks().advanced(by: timeout))
  }

  mutating func commit<B: Board & ~Copyable>(
    on channel: ChannelID, board: inout B
  ) throws(StatusWord) {
    let name = try requestedName()
    try requireStaged(name, on: channel)
    let slot = try requiredSlot(named: name, board: &board)
    record.copy(staged.credential)
    try writeCredential(to: slot, board: &board)
    staged.wipe()
    try dropCompanions(of: slot, board: &board)
  }

  /// - Throws: `conditionsNotSatisfied` unless `channel` staged an update of that name.
  func requireStaged(_ name: Range<Int>, on channel: ChannelID) throws(StatusWord) {
    guard staged.channel == channel, !staged.isEmpty,
      staged.credential.isNamed(request.data.span.extracting(name))
    else { throw .conditionsNotSatisfied }
  }
}
