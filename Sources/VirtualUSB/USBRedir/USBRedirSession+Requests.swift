// Standard requests that usbredir has packets of its own for.
extension USBRedirSession {
  mutating func setConfiguration(_ packet: USBRedirPacket) {
    guard let value = packet.body.first else { return }
    let result = complete(SetupPacket(standard: .setConfiguration, value: UInt16(value)))
    if result.status == .success { describe() }
    let current = port.configurationDescriptor?[5] ?? 0
    send(USBRedirPacket(.configurationStatus, id: packet.id, [result.status.rawValue, current]))
  }

  mutating func getConfiguration(_ packet: USBRedirPacket) {
    let result = complete(SetupPacket(standard: .getConfiguration, length: 1))
    send(
      USBRedirPacket(
        .configurationStatus, id: packet.id, [result.status.rawValue, result.data.first ?? 0]))
  }

  mutating func setAlternateSetting(_ packet: USBRedirPacket) {
    guard packet.body.count >= 2 else { return }
    let (interface, setting) = (packet.body[0], packet.body[1])
    let result = complete(
      SetupPacket(
        standard: .setInterface, to: .interface, value: UInt16(setting), index: UInt16(interface)))
    if result.status == .success { describe() }
    send(
      USBRedirPacket(
        .alternateSettingStatus, id: packet.id, [result.status.rawValue, interface, 0]))
  }

  mutating func getAlternateSetting(_ packet: USBRedirPacket) {
    guard let interface = packet.body.first else { return }
    let result = complete(
      SetupPacket(
        standard: .getInterface, to: .interface, index: UInt16(interface), length: 1))
    send(
      USBRedirPacket(
        .alternateSettingStatus, id: packet.id,
        [result.status.rawValue, interface, result.data.first ?? 0]))
  }

  /// Carries out a request that is not the guest's own control packet. Others that end with it are
  /// answered.
  private mutating func complete(
    _ setup: SetupPacket
  ) -> (status: USBRedirPacket.Status, data: [UInt8]) {
    guard port.submit(Transfer(id: Self.inputID, .control(setup, data: []))) else {
      return (.failed, [])
    }
    var result: (status: USBRedirPacket.Status, data: [UInt8]) = (.failed, [])
    while let completion = port.nextCompletion() {
      if case .control = completion.transfer.kind {
        result = (completion.status.usbredir, completion.data)
      } else {
        answer(completion)
      }
    }
    return result
  }
}
