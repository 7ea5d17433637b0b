// The requests of USB 2.0, 9.4. What is not in these tables is stalled.
extension USBDevice {
  /// What a control transfer is answered with.
  enum ControlReply {
    /// For the host; no more of it than it asked for goes there.
    case data([UInt8])
    case done
    case stall
  }

  mutating func reply(to setup: SetupPacket, _ data: [UInt8]) -> ControlReply {
    guard data.count == (setup.isInput ? 0 : Int(setup.length)) else { return .stall }
    switch setup.kind {
    case .standard: return replyToStandard(setup)
    case .class: return replyToHID(setup, data)
    case .vendor, .reserved: return .stall
    }
  }

  private mutating func replyToStandard(_ setup: SetupPacket) -> ControlReply {
    guard let request = StandardRequest(rawValue: setup.request),
      setup.isInput == request.isInput
    else { return .stall }
    switch (request, setup.recipient) {
    case (.getStatus, .device): return deviceStatus(setup)
    case (.getStatus, .interface): return interfaceStatus(setup)
    case (.getStatus, .endpoint): return endpointStatus(setup)
    case (.clearFeature, .endpoint): return setHalt(setup, false)
    case (.setFeature, .endpoint): return setHalt(setup, true)
    case (.setAddress, .device): return setAddress(setup)
    case (.getDescriptor, .device): return deviceDescriptor(setup)
    case (.getDescriptor, .interface): return interfaceDescriptor(setup)
    case (.getConfiguration, .device): return configurationValue(setup)
    case (.setConfiguration, .device): return setConfiguration(setup)
    case (.getInterface, .interface): return alternateSetting(setup)
    case (.setInterface, .interface): return setAlternateSetting(setup)
    // No remote wake-up, no test modes, no descriptor that can be set, nothing isochronous.
    default: return .stall
    }
  }

  // MARK: Status and features

  /// Powered by the bus, no remote wake-up.
  private func deviceStatus(_ setup: SetupPacket) -> ControlReply {
    setup.value == 0 && setup.index == 0 ? .data([0, 0]) : .stall
  }

  private func interfaceStatus(_ setup: SetupPacket) -> ControlReply {
    setup.value == 0 && isInterface(setup.index) ? .data([0, 0]) : .stall
  }

  private func endpointStatus(_ setup: SetupPacket) -> ControlReply {
    guard setup.value == 0, let endpoint = endpoint(setup.index) else { return .stall }
    return .data([haltedEndpoints.contains(endpoint) ? 1 : 0, 0])
  }

  private mutating func setHalt(_ setup: SetupPacket, _ isHalted: Bool) -> ControlReply {
    guard Feature(rawValue: setup.value) == .endpointHalt, setup.length == 0,
      let endpoint = endpoint(setup.index)
    else { return .stall }
    // The control endpoint stalls a request at a time, and is never halted.
    guard endpoint != .control else { return isHalted ? .stall : .done }
    if isHalted {
      haltedEndpoints.insert(endpoint)
      endHeld(.stalled) { $0.isInput == (endpoint == .input) }
    } else {
      haltedEndpoints.remove(endpoint)
    }
    return .done
  }

  // MARK: Address and configuration

  private mutating func setAddress(_ setup: SetupPacket) -> ControlReply {
    guard state != .configured, setup.value <= 127, setup.index == 0, setup.length == 0 else {
      return .stall
    }
    address = UInt8(setup.value)
    state = address == 0 ? .default : .addressed
    return .done
  }

  private func configurationValue(_ setup: SetupPacket) -> ControlReply {
    guard state != .default, setup.value == 0, setup.index == 0 else { return .stall }
    return .data([state == .configured ? Descriptors.configurationValue : 0])
  }

  private mutating func setConfiguration(_ setup: SetupPacket) -> ControlReply {
    guard state != .default, setup.index == 0, setup.length == 0,
      [0, UInt16(Descriptors.configurationValue)].contains(setup.value)
    else { return .stall }
    state = setup.value == 0 ? .addressed : .configured
    clearEndpoints()
    return .done
  }

  private func alternateSetting(_ setup: SetupPacket) -> ControlReply {
    setup.value == 0 && isInterface(setup.index) ? .data([0]) : .stall
  }

  /// Of one alternate setting; setting it begins anew.
  private mutating func setAlternateSetting(_ setup: SetupPacket) -> ControlReply {
    guard setup.value == 0, setup.length == 0, isInterface(setup.index) else { return .stall }
    clearEndpoints()
    return .done
  }

  // MARK: Descriptors

  private func deviceDescriptor(_ setup: SetupPacket) -> ControlReply {
    let (kind, number) = (DescriptorKind(rawValue: setup.valueHigh), setup.valueLow)
    switch kind {
    case .device where number == 0 && setup.index == 0:
      return .data(Descriptors.device(identity))
    case .configuration where number == 0 && setup.index == 0:
      return .data(Descriptors.configuration)
    case .string where setup.index == (number == 0 ? 0 : Descriptors.language):
      return Descriptors.string(number, identity).map { .data($0) } ?? .stall
    // A device qualifier tells of another speed, and there is none.
    default:
      return .stall
    }
  }

  private func interfaceDescriptor(_ setup: SetupPacket) -> ControlReply {
    guard setup.valueLow == 0, setup.index == UInt16(Descriptors.interfaceNumber) else {
      return .stall
    }
    switch DescriptorKind(rawValue: setup.valueHigh) {
    case .hid: return .data(Descriptors.hid)
    case .report: return .data(Descriptors.report)
    default: return .stall
    }
  }

  // MARK: What there is

  /// Interfaces are there when there is a configuration.
  func isInterface(_ index: UInt16) -> Bool {
    state == .configured && index == UInt16(Descriptors.interfaceNumber)
  }

  /// The endpoint that wIndex names. Only the control endpoint is there without a configuration.
  private func endpoint(_ index: UInt16) -> EndpointAddress? {
    // The control endpoint answers to both of its directions.
    if index == 0 || index == UInt16(EndpointAddress.inputBit) { return .control }
    guard state == .configured, index <= UInt16(UInt8.max) else { return nil }
    return EndpointAddress(rawValue: UInt8(index))
  }
}
