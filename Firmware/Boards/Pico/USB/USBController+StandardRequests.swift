import Hardware
import TokenCore

// The requests of USB 2.0, 9.4. What is not in this table is stalled.
extension USBController {
  mutating func answerStandard<Bus: RegisterBus & ~Copyable>(
    _ setup: SetupPacket, _ bus: inout Bus
  ) -> Answer {
    guard let request = StandardRequest(rawValue: setup.request), setup.isInput == request.isInput,
      let recipient = setup.recipient, setup.isInput || setup.length == 0
    else { return .stall }
    return switch (request, recipient) {
    case (.getStatus, .device): deviceStatus(setup)
    case (.getStatus, .interface): interfaceStatus(setup)
    case (.getStatus, .endpoint): endpointStatus(setup)
    case (.clearFeature, .endpoint): setHalt(setup, false, &bus)
    case (.setFeature, .endpoint): setHalt(setup, true, &bus)
    case (.setAddress, .device): setAddress(setup)
    case (.getDescriptor, .device): descriptor(setup)
    case (.getDescriptor, .interface): interfaceDescriptor(setup)
    case (.getConfiguration, .device): configurationValue(setup)
    case (.setConfiguration, .device): setConfiguration(setup, &bus)
    case (.getInterface, .interface): alternateSetting(setup)
    case (.setInterface, .interface): setAlternateSetting(setup, &bus)
    // No remote wake-up, no test modes.
    default: .stall
    }
  }

  // MARK: Status and features

  private func status(_ bits: UInt16) -> Answer {
    var reply = ControlReply()
    reply.append(littleEndian: bits)
    return .data(reply)
  }

  /// Powered by the bus, no remote wake-up.
  private func deviceStatus(_ setup: SetupPacket) -> Answer {
    setup.value == 0 && setup.index == 0 ? status(0) : .stall
  }

  private func interfaceStatus(_ setup: SetupPacket) -> Answer {
    setup.value == 0 && isInterface(setup.index) ? status(0) : .stall
  }

  private func endpointStatus(_ setup: SetupPacket) -> Answer {
    guard setup.value == 0, let endpoint = endpoint(setup.index) else { return .stall }
    return switch endpoint {
    case .controlIn, .controlOut: status(0)
    case .reportsIn: status(reportsIn.isHalted ? 1 : 0)
    case .reportsOut: status(reportsOut.isHalted ? 1 : 0)
    }
  }

  private mutating func setHalt<Bus: RegisterBus & ~Copyable>(
    _ setup: SetupPacket, _ isHalted: Bool, _ bus: inout Bus
  ) -> Answer {
    guard Feature(rawValue: setup.value) == .endpointHalt, let endpoint = endpoint(setup.index)
    else { return .stall }
    switch endpoint {
    // The control endpoint stalls a request at a time, and is never halted.
    case .controlIn, .controlOut: return isHalted ? .stall : .done
    case .reportsIn, .reportsOut:
      if isHalted { halt(endpoint, &bus) } else { endHalt(endpoint, &bus) }
      return .done
    }
  }

  // MARK: Address and configuration

  private mutating func setAddress(_ setup: SetupPacket) -> Answer {
    guard state != .configured, setup.value <= 127, setup.index == 0 else { return .stall }
    pendingAddress = UInt8(truncatingIfNeeded: setup.value)
    return .done
  }

  private func configurationValue(_ setup: SetupPacket) -> Answer {
    guard state != .default, setup.value == 0, setup.index == 0 else { return .stall }
    return byte(state == .configured ? Descriptors.configurationValue : 0)
  }

  private mutating func setConfiguration<Bus: RegisterBus & ~Copyable>(
    _ setup: SetupPacket, _ bus: inout Bus
  ) -> Answer {
    guard state != .default, setup.index == 0,
      setup.value == 0 || setup.value == UInt16(Descriptors.configurationValue)
    else { return .stall }
    state = setup.value == 0 ? .addressed : .configured
    resetReports(&bus)
    return .done
  }

  private func alternateSetting(_ setup: SetupPacket) -> Answer {
    setup.value == 0 && isInterface(setup.index) ? byte(0) : .stall
  }

  /// Of one alternate setting; setting it begins anew.
  private mutating func setAlternateSetting<Bus: RegisterBus & ~Copyable>(
    _ setup: SetupPacket, _ bus: inout Bus
  ) -> Answer {
    guard setup.value == 0, isInterface(setup.index) else { return .stall }
    resetReports(&bus)
    return .done
  }

  // MARK: Descriptors

  private func descriptor(_ setup: SetupPacket) -> Answer {
    let number = setup.valueLow
    var reply = ControlReply()
    switch DescriptorKind(rawValue: setup.valueHigh) {
    case .device where number == 0 && setup.index == 0: reply.append(deviceDescriptor.span)
    case .configuration where number == 0 && setup.index == 0:
      reply.append(configurationDescriptor.span)
    case .string where setup.index == (number == 0 ? 0 : Descriptors.language):
      guard Descriptors.appendString(number, of: serialNumber, in: body, to: &reply) else {
        return .stall
      }
    default: return .stall
    }
    return .data(reply)
  }

  private func interfaceDescriptor(_ setup: SetupPacket) -> Answer {
    guard setup.valueLow == 0, setup.index == UInt16(Descriptors.interfaceNumber) else {
      return .stall
    }
    var reply = ControlReply()
    switch DescriptorKind(rawValue: setup.valueHigh) {
    case .hid: reply.append(configurationDescriptor.span.extracting(hidDescriptorRange))
    case .report: reply.append(reportDescriptor.span)
    default: return .stall
    }
    return .data(reply)
  }

  // MARK: What there is

  func byte(_ byte: UInt8) -> Answer {
    var reply = ControlReply()
    reply.append(byte)
    return .data(reply)
  }

  /// Interfaces are there when there is a configuration.
  func isInterface(_ index: UInt16) -> Bool {
    state == .configured && index == UInt16(Descriptors.interfaceNumber)
  }

  /// The endpoint that wIndex names. Only the control endpoint is there without a configuration.
  private func endpoint(_ index: UInt16) -> Endpoint? {
    switch index {
    case 0x00: .controlOut
    case 0x80: .controlIn
    case 0x01 where state == .configured: .reportsOut
    case 0x81 where state == .configured: .reportsIn
    default: nil
    }
  }
}
