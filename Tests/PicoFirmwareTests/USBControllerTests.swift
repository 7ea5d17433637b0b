import Hardware
import Testing
import TokenCore

@testable import PicoBoard

/// The device controller's driver, against a host that acts packet by packet.
@Suite struct USBControllerTests {
  private func configured() -> Firmware {
    let firmware = Firmware()
    #expect(firmware.host.enumerate())
    return firmware
  }

  @Test("a host enumerates the device")
  func enumeration() {
    let firmware = configured()
    #expect(firmware.chip.value(of: ControllerRegisters.address) == 9)
    #expect(firmware.chip.violations == [])
  }

  @Test("a buffer is filled, described, and only then handed over")
  func handOver() {
    var chip = ChipModel()
    ResetController.release(.usb, &chip)
    let controller = USBController(body: .hardware, serialNumber: SerialNumber(rawValue: 0))
    controller.handOver(.reportsIn, .toSend(64, .data1), &chip)
    let register = Register(0x5010_0088)
    let word: UInt32 = 1 << 15 | 1 << 13 | 64
    #expect(
      Array(chip.accesses.suffix(3)) == [
        .write(word, register), .read(register), .write(word | 1 << 10, register),
      ])
  }

  @Test(
    "a buffer is taken back by way of EP_ABORT, also on chips that never confirm it",
    arguments: [true, false])
  func takeBack(confirms: Bool) {
    var chip = ChipModel()
    chip.confirmsAborts = confirms
    ResetController.release(.usb, &chip)
    let controller = USBController(body: .hardware, serialNumber: SerialNumber(rawValue: 0))
    controller.handOver(.reportsOut, .toReceive(64, .data0), &chip)
    chip.forgetAccesses()
    controller.takeBack(.reportsOut, &chip)
    #expect(chip.violations == [])
    #expect(
      chip.writes == [
        .write(1 << 3, ControllerRegisters.abort.settingAlias),
        .write(0, Endpoint.reportsOut.bufferControl),
        .write(1 << 3, ControllerRegisters.abortDone.clearingAlias),
        .write(1 << 3, ControllerRegisters.abort.clearingAlias),
        .write(1 << 3, ControllerRegisters.bufferStatus.clearingAlias),
      ])
  }

  @Test("the address counts after the status stage of SET_ADDRESS, and not before")
  func addressTiming() {
    let firmware = Firmware()
    firmware.host.reset()
    firmware.host.setup([0x00, 5, 42, 0, 0, 0, 0, 0])
    firmware.turn()
    #expect(firmware.chip.value(of: ControllerRegisters.address) == 0)
    #expect(firmware.host.input(.controlIn) == .data([], .data1))
    #expect(firmware.chip.value(of: ControllerRegisters.address) == 0)
    firmware.turn()
    #expect(firmware.chip.value(of: ControllerRegisters.address) == 42)
  }

  @Test("an address that was never confirmed is forgotten")
  func abandonedAddress() {
    let firmware = Firmware()
    firmware.host.reset()
    firmware.host.setup([0x00, 5, 42, 0, 0, 0, 0, 0])
    firmware.turn()
    guard case .data = firmware.host.control([0x80, 6, 0, 1, 0, 0, 18, 0]) else {
      Issue.record("the device descriptor is not sent")
      return
    }
    #expect(firmware.chip.value(of: ControllerRegisters.address) == 0)
  }

  @Test(
    "a device qualifier, another speed's configuration and the unknown are stalled",
    arguments: [6, 7, 0x20, 0x23, 0xFF])
  func stalledDescriptors(kind: UInt8) {
    let firmware = configured()
    #expect(firmware.host.control([0x80, 6, 0, kind, 0, 0, 10, 0]) == .stalled)
    // And the next request is answered.
    #expect(firmware.host.control([0x80, 8, 0, 0, 0, 0, 1, 0]) == .data([1]))
    #expect(firmware.chip.violations == [])
  }

  @Test("no more is sent than the host asks for", arguments: 1...41)
  func shortReads(length: Int) {
    let firmware = configured()
    guard
      case .data(let whole) = firmware.host.control([0x80, 6, 0, 2, 0, 0, 0xFF, 0]),
      case .data(let part) = firmware.host.control([0x80, 6, 0, 2, 0, 0, UInt8(length), 0])
    else {
      Issue.record("the configuration is not sent")
      return
    }
    #expect(whole.count == 41)
    #expect(part == Array(whole.prefix(length)))
  }

  @Test("the descriptors tell the lengths that they have")
  func lengths() throws {
    let firmware = configured()
    guard case .data(let report) = firmware.host.control([0x81, 6, 0, 0x22, 0, 0, 0xFF, 0]),
      case .data(let hid) = firmware.host.control([0x81, 6, 0, 0x21, 0, 0, 0xFF, 0]),
      case .data(let configuration) = firmware.host.control([0x80, 6, 0, 2, 0, 0, 0xFF, 0])
    else {
      Issue.record("a descriptor is missing")
      return
    }
    #expect(Int(hid[7]) | Int(hid[8]) << 8 == report.count)
    #expect(Int(configuration[2]) == configuration.count)
    var offset = 0
    var kinds: [UInt8] = []
    while offset < configuration.count {
      kinds.append(configuration[offset + 1])
      offset += Int(configuration[offset])
    }
    #expect(offset == configuration.count)
    #expect(kinds == [2, 4, 0x21, 5, 5])
    #expect(Array(configuration[hidDescriptorRange]) == hid)
    let identifiers = (USBIdentifiers.vendorID, USBIdentifiers.productID)
    #expect(UInt16(deviceDescriptor[8]) | UInt16(deviceDescriptor[9]) << 8 == identifiers.0)
    #expect(UInt16(deviceDescriptor[10]) | UInt16(deviceDescriptor[11]) << 8 == identifiers.1)
  }

  @Test(
    "the strings name the product and its serial number, and an emulated one says so",
    arguments: [Body.hardware, .emulated])
  func strings(body: Body) {
    func text(_ index: UInt8) -> String? {
      var reply = ControlReply()
      let number = SerialNumber(rawValue: 0x0123_4567_89AB_CDEF)
      guard Descriptors.appendString(index, of: number, in: body, to: &reply) else { return nil }
      let units = stride(from: 2, to: reply.count, by: 2).map {
        UInt16(reply.bytes[$0]) | UInt16(reply.bytes[$0 + 1]) << 8
      }
      #expect(Int(reply.bytes[0]) == reply.count)
      return String(decoding: units, as: UTF16.self)
    }
    #expect(text(1) == "Watchfob")
    #expect(text(2) == (body == .emulated ? "Watchfob (emulated)" : "Watchfob"))
    #expect(text(3) == "0123456789abcdef")
    #expect(text(4) == nil)
  }

  @Test("the toggles of the reports alternate, and begin anew with every configuration")
  func toggles() {
    let firmware = configured()
    for _ in 0..<2 {
      for _ in 0..<5 { #expect(firmware.openChannel() != nil) }
      #expect(firmware.host.control([0x00, 9, 1, 0, 0, 0, 0, 0]) == .done)
      firmware.host.inputToggle = .data0
      firmware.host.outputToggle = .data0
    }
    #expect(firmware.openChannel() != nil)
    #expect(firmware.chip.violations == [])
  }

  @Test(
    "a halted endpoint stalls, says so, and begins with DATA0 when the halt ends",
    arguments: [0x01, 0x81])
  func halts(address: UInt8) {
    let firmware = configured()
    #expect(firmware.openChannel() != nil)
    #expect(firmware.host.control([0x02, 3, 0, 0, address, 0, 0, 0]) == .done)
    #expect(firmware.host.control([0x82, 0, 0, 0, address, 0, 2, 0]) == .data([1, 0]))
    let handshake =
      address == 0x81
      ? firmware.host.input(.reportsIn) : firmware.host.output(.reportsOut, [1], .data0)
    #expect(handshake == .stalled)
    #expect(firmware.host.control([0x02, 1, 0, 0, address, 0, 0, 0]) == .done)
    #expect(firmware.host.control([0x82, 0, 0, 0, address, 0, 2, 0]) == .data([0, 0]))
    if address == 0x81 {
      firmware.host.inputToggle = .data0
    } else {
      firmware.host.outputToggle = .data0
    }
    #expect(firmware.openChannel() != nil)
    #expect(firmware.chip.violations == [])
  }

  @Test("a report that waits for the host outlives a halt")
  func waitingReport() throws {
    let firmware = configured()
    let ping: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x86, 0, 8, 9, 9, 9, 9, 9, 9, 9, 9]
    #expect(firmware.host.send(ping.padded) == .acknowledged)
    #expect(firmware.host.control([0x02, 3, 0, 0, 0x81, 0, 0, 0]) == .done)
    #expect(firmware.host.control([0x02, 1, 0, 0, 0x81, 0, 0, 0]) == .done)
    firmware.host.inputToggle = .data0
    let answer = try #require(firmware.host.receive())
    #expect(Array(answer[7..<15]) == [UInt8](repeating: 9, count: 8))
  }

  @Test("SET_REPORT is as good as a packet, and GET_REPORT repeats no input")
  func reportsByControl() throws {
    let firmware = configured()
    let packet: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x86, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]
    #expect(
      firmware.host.control([0x21, 9, 0, 2, 0, 0, UInt8(packet.count), 0], data: packet) == .done)
    let answer = try #require(firmware.host.receive())
    #expect(Array(answer[7..<15]) == [1, 2, 3, 4, 5, 6, 7, 8])
    let nothing = [UInt8](repeating: 0, count: 64)
    // Of 64 bytes; a host that asks for more gets an empty packet behind them.
    for length in [64, 65] as [UInt8] {
      #expect(firmware.host.control([0xA1, 1, 0, 1, 0, 0, length, 0]) == .data(nothing))
    }
    #expect(firmware.chip.violations == [])
  }

  @Test("the host's status stage of SET_REPORT waits until the token has the report")
  func backPressure() {
    let firmware = Firmware()
    #expect(firmware.host.enumerate())
    firmware.host.setup([0x21, 9, 0, 2, 0, 0, 8, 0])
    firmware.turn()
    #expect(firmware.host.output(.controlOut, [1, 2, 3, 4, 5, 6, 7, 8], .data1) == .acknowledged)
    #expect(firmware.host.input(.controlIn) == .notReady)
    firmware.turn()
    #expect(firmware.host.input(.controlIn) == .data([], .data1))
  }

  @Test("a new SETUP ends a control transfer at any of its stages")
  func interruptedTransfers() {
    let firmware = configured()
    let requests: [[UInt8]] = [
      [0x80, 6, 0, 2, 0, 0, 64, 0], [0x21, 9, 0, 2, 0, 0, 64, 0], [0x00, 9, 1, 0, 0, 0, 0, 0],
      [0x80, 6, 0, 6, 0, 0, 10, 0],
    ]
    for request in requests {
      for packets in 0...2 {
        firmware.host.setup(request)
        firmware.turn()
        for _ in 0..<packets {
          _ = firmware.host.input(.controlIn)
          _ = firmware.host.output(.controlOut, [], .data1)
          firmware.turn()
        }
        #expect(firmware.host.control([0x80, 8, 0, 0, 0, 0, 1, 0]) == .data([1]))
      }
    }
    #expect(firmware.chip.violations == [])
  }

  @Test("short reports are filled up with zeros, and a packet without bytes is none")
  func oddReports() throws {
    let firmware = configured()
    #expect(firmware.host.send([]) == .acknowledged)
    let short: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x86, 0, 8, 1, 2, 3]
    #expect(firmware.host.send(short) == .acknowledged)
    let answer = try #require(firmware.host.receive())
    #expect(Array(answer[7..<15]) == [1, 2, 3, 0, 0, 0, 0, 0])
  }

  @Test(
    "the LED is dark while the bus sleeps, and the token answers when it wakes up",
    arguments: [false, true], [false, true])
  func suspend(forgets: Bool, seesResume: Bool) {
    let firmware = configured()
    firmware.chip.forgetsSuspension = forgets
    #expect(firmware.openChannel().flatMap { firmware.exchange(0x08, [], on: $0) } == [])
    #expect(firmware.isLit)
    for _ in 0..<2 {
      firmware.host.suspend()
      #expect(firmware.isSuspended && !firmware.isLit)
      firmware.turn()
      #expect(firmware.isSuspended && !firmware.isLit)
      firmware.host.resume(isSeen: seesResume)
      // A controller that neither sees the resume nor the end of the silence leaves the firmware in the
      // dark until the host does something.
      if seesResume || !forgets { #expect(!firmware.isSuspended && firmware.isLit) }
      #expect(firmware.host.control([0x80, 8, 0, 0, 0, 0, 1, 0]) == .data([1]))
      #expect(!firmware.isSuspended && firmware.isLit)
      // Nothing is left that would keep the processor awake.
      #expect(firmware.chip.interrupts == 0)
    }
    #expect(firmware.openChannel() != nil)
  }

  @Test(
    "a bus reset in the middle of anything leaves a device that enumerates and answers",
    arguments: 1...60 as ClosedRange<UInt64>)
  func resetAnywhere(seed: UInt64) {
    let comment: Comment = "repeat with: seed \(seed)"
    var generator = Generator(seed: seed)
    let firmware = Firmware(seed: seed)
    for _ in 0..<4 {
      if Bool.random(using: &generator) { _ = firmware.host.enumerate() }
      for _ in 0..<Int.random(in: 0...30, using: &generator) {
        disturb(firmware, using: &generator)
      }
      firmware.host.reset()
      #expect(firmware.chip.value(of: ControllerRegisters.address) == 0, comment)
      #expect(firmware.host.input(.reportsIn) == .notReady, comment)
    }
    #expect(firmware.host.enumerate(), comment)
    #expect(firmware.openChannel() != nil, comment)
    #expect(firmware.chip.violations == [], comment)
  }

  /// One packet of any kind, fitting or not.
  private func disturb(_ firmware: Firmware, using generator: inout Generator) {
    let host = firmware.host
    switch Int.random(in: 0..<9, using: &generator) {
    case 0:
      host.setup((0..<8).map { _ in UInt8.random(in: 0...255, using: &generator) })
    case 1, 2:
      let requests: [[UInt8]] = [
        [0x80, 6, 0, 1, 0, 0, 64, 0], [0x80, 6, 0, 2, 0, 0, 255, 0], [0x00, 5, 7, 0, 0, 0, 0, 0],
        [0x00, 9, 1, 0, 0, 0, 0, 0], [0x00, 9, 0, 0, 0, 0, 0, 0], [0x21, 9, 0, 2, 0, 0, 64, 0],
        [0x02, 3, 0, 0, 0x81, 0, 0, 0], [0x02, 1, 0, 0, 0x01, 0, 0, 0],
        [0x01, 11, 0, 0, 0, 0, 0, 0], [0xA1, 1, 0, 1, 0, 0, 64, 0],
      ]
      host.setup(requests.randomElement(using: &generator)!)
    case 3: _ = host.input(.controlIn)
    case 4: _ = host.output(.controlOut, [], .data1)
    case 5: _ = host.input(.reportsIn)
    case 6:
      let report = (0..<64).map { _ in UInt8.random(in: 0...255, using: &generator) }
      _ = host.output(.reportsOut, report, Bool.random(using: &generator) ? .data0 : .data1)
    case 7: host.suspend()
    default: host.resume(isSeen: Bool.random(using: &generator))
    }
    if Bool.random(using: &generator) { firmware.turn() }
  }
}
