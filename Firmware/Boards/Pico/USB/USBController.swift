import Hardware
import TokenCore

/// The RP2040's USB controller as a full-speed HID device with one report in and one report out.
///
/// It is polled: `poll` looks at what the controller has to say, oldest first, and never waits for the host. The
/// controller holds a host off by itself (NAK) while nobody polls.
struct USBController: ~Copyable {
  /// What a device can be asked depends on it (USB 2.0, 9.1.1).
  enum State {
    /// Reset, and without an address.
    case `default`
    case addressed
    case configured
  }

  /// Where the control transfer is.
  enum Stage {
    case idle
    /// Data for the host; an empty packet has to end it if the host might wait for more.
    case dataIn(endsWithEmptyPacket: Bool)
    /// Data of the host's, so many bytes.
    case dataOut(Int)
    /// A report of the host's, so many bytes, that the token has not taken yet.
    case reportReceived(Int)
    case statusIn
    case statusOut
  }

  let body: Body
  let serialNumber: SerialNumber
  var state = State.default
  var stage = Stage.idle
  /// The address that SET_ADDRESS gave. It counts when that request's status stage is over.
  var pendingAddress: UInt8?
  /// Whether the bus fell silent, and the host wants little current to be drawn.
  private(set) var isSuspended = false
  /// Whether the bus was reset, fell silent or was configured anew, and the token does not know of it yet.
  var hasBusChanged = false

  var reportsIn = ReportEndpoint()
  var reportsOut = ReportEndpoint()

  /// Endpoint 1 in one direction.
  struct ReportEndpoint {
    var toggle = DataToggle.data0
    var isHalted = false
    /// IN: a report is in the buffer that the host has not fetched. OUT: one that the token has not taken.
    var isFull = false
    /// Bytes of the host's in the OUT endpoint's buffer.
    var length = 0
  }

  @inline(never)
  init(body: Body, serialNumber: SerialNumber) {
    self.body = body
    self.serialNumber = serialNumber
  }

  /// Starts the controller and shows the host that a device is there.
  ///
  /// - Precondition: clk_usb runs.
  mutating func start<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    typealias Registers = ControllerRegisters
    ResetController.hold(.usb, &bus)
    ResetController.release(.usb, &bus)
    for offset in stride(from: 0, to: Endpoint.memorySize, by: 4) {
      bus.write(0, to: Register(Endpoint.memory + offset))
    }
    bus.write(
      Registers.Multiplexing.toTransceiver | Registers.Multiplexing.softwareConnect,
      to: Registers.multiplexing)
    bus.write(
      Registers.Power.vbusDetected | Registers.Power.vbusOverride, to: Registers.power)
    bus.write(Registers.MainControl.enable, to: Registers.mainControl)
    bus.write(Registers.SIEControl.controlEndpointStatus, to: Registers.sieControl)
    bus.write(Registers.Interrupt.all, to: Registers.interruptEnable)
    bus.set(Registers.SIEControl.pullUp, in: Registers.sieControl)
  }

  /// Looks after everything that happened since the last time.
  @inline(never)
  mutating func poll<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    typealias Interrupt = ControllerRegisters.Interrupt
    let raised = bus.read(ControllerRegisters.interruptStatus)
    guard raised != 0 else { return }
    if raised & Interrupt.busReset != 0 { reset(&bus) }
    // What ended before the SETUP packet came belongs to the transfer before it.
    if raised & Interrupt.bufferStatus != 0 { finishBuffers(&bus) }
    if raised & Interrupt.setup != 0 { beginControlTransfer(&bus) }
    noticeSuspension(raised, &bus)
  }

  /// Any sign of life ends a suspension, should its end have been missed.
  private mutating func noticeSuspension<Bus: RegisterBus & ~Copyable>(
    _ raised: UInt32, _ bus: inout Bus
  ) {
    typealias Interrupt = ControllerRegisters.Interrupt
    typealias Status = ControllerRegisters.SIEStatus
    if raised & Interrupt.suspension != 0 {
      isSuspended = bus.read(ControllerRegisters.sieStatus) & Status.suspended != 0
      bus.clear(Status.suspended, in: ControllerRegisters.sieStatus)
      hasBusChanged = true
      // Nobody fetches anything from a silent bus, so the toggle stays right.
      if isSuspended { dropReport(&bus) }
    }
    if raised & Interrupt.resumed != 0 {
      bus.clear(Status.resumed, in: ControllerRegisters.sieStatus)
    }
    if raised & ~Interrupt.suspension != 0 { isSuspended = false }
  }

  /// A reset of the bus: no address, no configuration, nothing on its way.
  private mutating func reset<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    bus.clear(ControllerRegisters.SIEStatus.busReset, in: ControllerRegisters.sieStatus)
    bus.write(0, to: ControllerRegisters.address)
    pendingAddress = nil
    state = .default
    endControlTransfer(&bus)
    resetReports(&bus)
  }

  private mutating func finishBuffers<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    let finished = bus.read(ControllerRegisters.bufferStatus)
    for endpoint in Endpoint.allCases where finished & endpoint.bit != 0 {
      bus.clear(endpoint.bit, in: ControllerRegisters.bufferStatus)
      switch endpoint {
      case .controlIn: finishControlInput(&bus)
      case .controlOut: finishControlOutput(&bus)
      case .reportsIn: finishReportInput(&bus)
      case .reportsOut: finishReportOutput(&bus)
      }
    }
  }
}

// MARK: - Reports

extension USBController {
  /// Whether a report can be sent: there is a host for it, and the last one is gone.
  var canSend: Bool { state == .configured && !reportsIn.isFull && !reportsIn.isHalted }

  /// - Precondition: `canSend`.
  mutating func send<Bus: RegisterBus & ~Copyable>(_ report: Report, _ bus: inout Bus) {
    precondition(canSend)
    fill(.reportsIn, with: report.bytes.span, &bus)
    reportsIn.isFull = true
    handOver(.reportsIn, .toSend(Report.size, reportsIn.toggle), &bus)
  }

  private mutating func finishReportInput<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    guard reportsIn.isFull else { return }
    reportsIn.isFull = false
    reportsIn.toggle.flip()
    clear(.reportsIn, &bus)
  }

  /// Drops the report that the host has not fetched: whoever wakes the bus may be another program.
  private mutating func dropReport<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    guard reportsIn.isFull else { return }
    if !reportsIn.isHalted { takeBack(.reportsIn, &bus) }
    clear(.reportsIn, &bus)
    reportsIn.isFull = false
  }

  private mutating func finishReportOutput<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    guard state == .configured, !reportsOut.isHalted else { return }
    let control = BufferControl(rawValue: bus.read(Endpoint.reportsOut.bufferControl))
    reportsOut.toggle.flip()
    reportsOut.length = control.length
    // A packet without bytes is a packet without a report.
    reportsOut.isFull = control.length > 0
    if !reportsOut.isFull { awaitReport(&bus) }
  }

  /// The next report of the host's, if there is one; a short one has zeros behind it.
  mutating func takeReport<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) -> Report? {
    if case .reportReceived(let length) = stage {
      let report = report(in: .controlOut, length: length, &bus)
      clear(.controlOut, &bus)
      sendStatus(&bus)
      return report
    }
    guard reportsOut.isFull else { return nil }
    let report = report(in: .reportsOut, length: reportsOut.length, &bus)
    clear(.reportsOut, &bus)
    reportsOut.isFull = false
    if !reportsOut.isHalted { awaitReport(&bus) }
    return report
  }

  @inline(never)
  private func report<Bus: RegisterBus & ~Copyable>(
    in endpoint: Endpoint, length: Int, _ bus: inout Bus
  ) -> Report {
    var report = Report()
    for index in 0..<min(length, Report.size) {
      let word = bus.read(endpoint.bufferWord(index / 4))
      report.bytes[index] = UInt8(truncatingIfNeeded: word >> UInt32(8 * (index % 4)))
    }
    return report
  }

  @inline(never)
  private func awaitReport<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    handOver(.reportsOut, .toReceive(Report.size, reportsOut.toggle), &bus)
  }

  /// Drops what is on its way, and begins anew as the state is.
  mutating func resetReports<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    hasBusChanged = true
    takeBack(.reportsIn, &bus)
    takeBack(.reportsOut, &bus)
    reportsIn = ReportEndpoint()
    reportsOut = ReportEndpoint()
    clear(.reportsIn, &bus)
    clear(.reportsOut, &bus)
    let isOn = state == .configured
    bus.write(isOn ? Endpoint.reportsIn.controlWord : 0, to: Endpoint.reportsIn.control)
    bus.write(isOn ? Endpoint.reportsOut.controlWord : 0, to: Endpoint.reportsOut.control)
    if isOn { awaitReport(&bus) }
  }

  /// Halts an endpoint of the reports. What lies in its buffer stays there.
  mutating func halt<Bus: RegisterBus & ~Copyable>(_ endpoint: Endpoint, _ bus: inout Bus) {
    takeBack(endpoint, &bus)
    if endpoint == .reportsIn { reportsIn.isHalted = true } else { reportsOut.isHalted = true }
    bus.write(BufferControl.stall.rawValue, to: endpoint.bufferControl)
  }

  /// Ends a halt, or none: either way the next packet is DATA0 (USB 2.0, 9.4.5).
  mutating func endHalt<Bus: RegisterBus & ~Copyable>(_ endpoint: Endpoint, _ bus: inout Bus) {
    takeBack(endpoint, &bus)
    if endpoint == .reportsIn {
      reportsIn.isHalted = false
      reportsIn.toggle = .data0
      if reportsIn.isFull { handOver(.reportsIn, .toSend(Report.size, .data0), &bus) }
    } else {
      reportsOut.isHalted = false
      reportsOut.toggle = .data0
      if !reportsOut.isFull { awaitReport(&bus) }
    }
  }
}
