import Hardware

// How buffers change hands.
extension USBController {
  /// Gives a buffer to the controller. AVAILABLE is set by a write of its own, after the rest of the word has
  /// arrived: the controller runs on its own clock, and may look in between (RP2040 data sheet,
  /// 4.1.2.5.1). Reading the word back is the wait that takes.
  @inline(never)
  func handOver<Bus: RegisterBus & ~Copyable>(
    _ endpoint: Endpoint, _ control: BufferControl, _ bus: inout Bus
  ) {
    bus.write(control.rawValue, to: endpoint.bufferControl)
    _ = bus.read(endpoint.bufferControl)
    bus.write(control.handedOver.rawValue, to: endpoint.bufferControl)
  }

  /// Takes a buffer back from the controller, used or not, and clears its control word.
  func takeBack<Bus: RegisterBus & ~Copyable>(_ endpoint: Endpoint, _ bus: inout Bus) {
    let control = BufferControl(rawValue: bus.read(endpoint.bufferControl))
    if control.isHandedOver {
      bus.set(endpoint.bit, in: ControllerRegisters.abort)
      waitUntilIdle(endpoint, &bus)
      bus.write(BufferControl.empty.rawValue, to: endpoint.bufferControl)
      bus.clear(endpoint.bit, in: ControllerRegisters.abortDone)
      bus.clear(endpoint.bit, in: ControllerRegisters.abort)
    } else {
      bus.write(BufferControl.empty.rawValue, to: endpoint.bufferControl)
    }
    // It may have been used until a moment ago; nobody wants to know any more.
    bus.clear(endpoint.bit, in: ControllerRegisters.bufferStatus)
  }

  /// A packet takes 50 µs, less than 100 turns. The oldest chips, B0 and B1, never say that they are done (erratum
  /// RP2040-E2), hence the bound.
  private func waitUntilIdle<Bus: RegisterBus & ~Copyable>(
    _ endpoint: Endpoint, _ bus: inout Bus
  ) {
    for _ in 0..<1_000 where bus.read(ControllerRegisters.abortDone) & endpoint.bit != 0 { return }
  }

  /// Overwrites a buffer that is not handed over: reports carry keys and codes.
  @inline(never)
  func clear<Bus: RegisterBus & ~Copyable>(_ endpoint: Endpoint, _ bus: inout Bus) {
    for index in 0..<Endpoint.packetSize / 4 { bus.write(0, to: endpoint.bufferWord(index)) }
  }

  /// Puts bytes into a buffer, with zeros up to a word.
  func fill<Bus: RegisterBus & ~Copyable>(
    _ endpoint: Endpoint, with bytes: Span<UInt8>, _ bus: inout Bus
  ) {
    var offset = 0
    while offset < bytes.count {
      var word: UInt32 = 0
      for index in 0..<min(4, bytes.count - offset) {
        word |= UInt32(bytes[offset + index]) << UInt32(8 * index)
      }
      bus.write(word, to: endpoint.bufferWord(offset / 4))
      offset += 4
    }
  }
}
