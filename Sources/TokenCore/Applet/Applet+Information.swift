// INFORMATION: Docs/protocol.md, section 9.
extension Applet {
  mutating func information<B: Board & ~Copyable>(
    on channel: ChannelID, board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) {
    guard request.count == 0 else { throw .wrongData }
    let isLocked = store.contains(.accessKey)
    response.appendField(.version, AppletLimits.version.span)
    response.appendField(.serialNumber, bigEndian: board.serialNumber.rawValue)
    response.appendField(.body, byte: board.body.rawValue)
    response.beginField(.capacity, length: 2)
    response.append(UInt8(credentialCount()))
    response.append(UInt8(AppletLimits.credentials))
    response.appendField(.accessKeySet, byte: isLocked ? 1 : 0)
    appendPINTries(board: &board, response: &response)
    guard !staged.isEmpty else { return }
    if !isOpen(to: .list, on: channel) {
      response.beginField(.staged, length: 0)
    } else {
      response.appendField(
        .staged, staged.credential.bytes.span.extracting(staged.credential.nameRange))
    }
  }
}
