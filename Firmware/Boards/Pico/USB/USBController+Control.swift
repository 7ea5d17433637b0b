import Hardware
import TokenCore

// Control transfers (USB 2.0, 8.5.3): SETUP, data in one direction or none, and the status, an empty
// packet in the other direction. All that follows SETUP begins with DATA1.
extension USBController {
  /// How a request is answered.
  enum Answer {
    /// For the host; no more of it than it asked for goes there.
    case data(ControlReply)
    case done
    /// Data of the host's is wanted.
    case receive
    case stall
  }

  /// A SETUP packet ends whatever came before it, and the controller takes it even if nobody waits for
  /// it.
  @inline(never)
  mutating func beginControlTransfer<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    // First, so that a packet that comes in the meantime is seen the next time.
    bus.clear(ControllerRegisters.SIEStatus.setupReceived, in: ControllerRegisters.sieStatus)
    endControlTransfer(&bus)
    let setup = SetupPacket(
      low: bus.read(Endpoint.setupPacket), high: bus.read(Register(Endpoint.memory + 4)))
    switch answer(to: setup, &bus) {
    case .data(var reply):
      reply.truncate(to: setup.length)
      if setup.length == 0 { sendStatus(&bus) } else { send(reply, for: setup, &bus) }
    case .done: sendStatus(&bus)
    case .receive:
      stage = .dataOut(Int(setup.length))
      handOver(.controlOut, .toReceive(Int(setup.length), .data1), &bus)
    case .stall: stall(&bus)
    }
  }

  mutating func endControlTransfer<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    stage = .idle
    pendingAddress = nil
    takeBack(.controlIn, &bus)
    takeBack(.controlOut, &bus)
    clear(.controlOut, &bus)
  }

  @inline(never)
  private mutating func answer<Bus: RegisterBus & ~Copyable>(
    to setup: SetupPacket, _ bus: inout Bus
  ) -> Answer {
    switch setup.kind {
    case .standard: answerStandard(setup, &bus)
    case .class: answerHID(setup)
    case .vendor, .reserved: .stall
    }
  }

  // MARK: Stages

  /// Full packets leave open whether more follows: if the host might expect more, an empty one ends it.
  private mutating func send<Bus: RegisterBus & ~Copyable>(
    _ reply: ControlReply, for setup: SetupPacket, _ bus: inout Bus
  ) {
    let isFull = reply.count == Endpoint.packetSize
    stage = .dataIn(endsWithEmptyPacket: isFull && Int(setup.length) > reply.count)
    fill(.controlIn, with: reply.bytes.span.extracting(0..<reply.count), &bus)
    handOver(.controlIn, .toSend(reply.count, .data1), &bus)
  }

  mutating func sendStatus<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    stage = .statusIn
    handOver(.controlIn, .toSend(0, .data1), &bus)
  }

  @inline(never)
  private mutating func stall<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    stage = .idle
    bus.set(Endpoint.controlIn.bit | Endpoint.controlOut.bit, in: ControllerRegisters.stallArm)
    bus.write(BufferControl.stall.rawValue, to: Endpoint.controlIn.bufferControl)
    bus.write(BufferControl.stall.rawValue, to: Endpoint.controlOut.bufferControl)
  }

  /// The host has fetched what was sent.
  mutating func finishControlInput<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    switch stage {
    case .dataIn(endsWithEmptyPacket: true):
      stage = .dataIn(endsWithEmptyPacket: false)
      handOver(.controlIn, .toSend(0, .data0), &bus)
    case .dataIn(endsWithEmptyPacket: false):
      stage = .statusOut
      handOver(.controlOut, .toReceive(0, .data1), &bus)
    case .statusIn:
      stage = .idle
      adoptAddress(&bus)
    case .idle, .dataOut, .reportReceived, .statusOut: break
    }
  }

  /// The host has sent what was awaited.
  mutating func finishControlOutput<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    switch stage {
    case .dataOut(let expected):
      let control = BufferControl(rawValue: bus.read(Endpoint.controlOut.bufferControl))
      // The status waits until the token has taken the report; so the host waits too.
      if control.length == expected {
        stage = .reportReceived(expected)
      } else {
        stall(&bus)
      }
    case .statusOut: stage = .idle
    case .idle, .dataIn, .reportReceived, .statusIn: break
    }
  }

  /// SET_ADDRESS is still answered at the old address.
  private mutating func adoptAddress<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    guard let address = pendingAddress else { return }
    pendingAddress = nil
    state = address == 0 ? .default : .addressed
    bus.write(UInt32(address), to: ControllerRegisters.address)
  }
}
