/// What the boot ROM's functions do (RP2040 data sheet, 2.8.3), and how it starts the firmware
/// (2.8.1).
extension Pico {
  func call(_ function: BootROM.Function) {
    let engine = core.engine
    let arguments = (0..<4).map { engine[.general($0)] }
    // The next instruction returns to the caller.
    engine[.programCounter] = engine[.programCounter] + 2
    switch function {
    case .reset: start()
    case .lookUp: engine[.general(0)] = lookUp(table: arguments[0], arguments[1])
    case .connectFlash: connectFlash()
    case .exitXIP: exitXIP()
    case .eraseRange:
      eraseRange(arguments[0], arguments[1], blockSize: arguments[2], command: arguments[3])
    case .programRange: programRange(arguments[0], from: arguments[1], arguments[2])
    case .flushCache: flushCache()
    case .enterCommandXIP: enterCommandXIP()
    case .resetToUSBBoot: state = .bootloader
    case .fillBytes, .fillWords: fill(arguments[0], UInt8(arguments[1] & 0xFF), arguments[2])
    case .copyBytes, .copyWords: copy(arguments[1], to: arguments[0], arguments[2])
    case .countOnes: engine[.general(0)] = UInt32(arguments[0].nonzeroBitCount)
    case .reverseBits:
      engine[.general(0)] = (0..<32).reduce(0) { $0 << 1 | arguments[0] >> UInt32($1) & 1 }
    case .leadingZeros: engine[.general(0)] = UInt32(arguments[0].leadingZeroBitCount)
    case .trailingZeros: engine[.general(0)] = UInt32(arguments[0].trailingZeroBitCount)
    }
  }

  // MARK: Start

  /// From reset to the second stage; or to the USB boot loader, which is not modelled.
  private func start() {
    for unit in [ResetController.Unit.ioQSPI, .padsQSPI, .timer] { resets.pulse(unit) }
    if let (entry, stack) = watchdog.takeBootVector() {
      core.engine[.stackPointer] = stack
      core.engine[.programCounter] = entry
      return
    }
    guard !isBootselPressed else {
      state = .bootloader
      return
    }
    connectFlash()
    exitXIP()
    let stage = Array(flash.memory.bytes[..<BootROM.secondStageSize])
    guard BootROM.checksum(stage[..<252]) == flash.memory.word(at: 252) else {
      state = .bootloader
      return
    }
    flushCache()
    for (index, byte) in stage.enumerated() {
      sram.bytes[Int(BootROM.secondStage & 0xF_FFFF) + index] = byte
    }
    forgetCodeInMemory()
    core.engine[.linkRegister] = 0
    core.engine[.programCounter] = BootROM.secondStage
    stall(for: .milliseconds(4))
  }

  private func lookUp(table: UInt32, _ code: UInt32) -> UInt32 {
    var entry = Int(table)
    while entry + 4 <= rom.size {
      let word = rom.word(at: entry)
      if word & 0xFFFF == 0 { break }
      if word & 0xFFFF == code { return word >> 16 }
      entry += 4
    }
    return 0
  }

  // MARK: Flash

  private func connectFlash() {
    resets.pulse(.ioQSPI)
    resets.pulse(.padsQSPI)
    for pin in 0..<6 { ioQSPI.setControl(of: pin, to: 0) }
  }

  /// Serial commands of eight bits, and an end to the flash's continuous reads.
  private func exitXIP() {
    var configuration = SerialInterface.Configuration()
    configuration.control = 7 << 16
    configuration.divider = 6
    configuration.slaves = 1
    configuration.isEnabled = true
    serial.configure(configuration)
    ioQSPI.setControl(of: 1, to: 0)
    flashCommands.select()
    for _ in 0..<2 { _ = flashCommands.exchange(0xFF) }
    flashCommands.deselect()
  }

  private func enterCommandXIP() {
    var configuration = serial.configuration
    configuration.control = 31 << 16 | 3 << 8
    configuration.serialControl = 0x03 << 24 | 2 << 8 | 6 << 2
    configuration.slaves = 1
    configuration.isEnabled = true
    serial.configure(configuration)
  }

  private func flushCache() {
    executeInPlace.flush()
    executeInPlace.enable()
    ioQSPI.setControl(of: 1, to: 0)
  }

  private func eraseRange(_ address: UInt32, _ count: UInt32, blockSize: UInt32, command: UInt32) {
    guard checkRange("flash_range_erase", address, count, unit: FlashChip.sectorSize) else {
      return
    }
    let block = Int(blockSize)
    let hasBlocks =
      [(8, 0x52), (16, 0xD8), (1, 0x20)].contains {
        block == $0.0 * FlashChip.sectorSize && command == $0.1
      }
    if !hasBlocks, block <= Int(count) {
      report(
        .badValue,
        "flash_range_erase with blocks of \(block) and the command \(hexadecimal(command))")
    }
    var (position, length) = (Int(address), Nanoseconds.zero)
    let end = position + Int(count)
    while position < end, state == .running {
      let isBlock = hasBlocks && position % block == 0 && end - position >= block
      let size = isBlock ? block : FlashChip.sectorSize
      flash.erase(size, at: position)
      length = length + FlashChip.Duration.erase(size)
      position += size
    }
    finishFlashChange(length)
  }

  private func programRange(_ address: UInt32, from source: UInt32, _ count: UInt32) {
    guard checkRange("flash_range_program", address, count, unit: FlashChip.pageSize) else {
      return
    }
    guard let data = copy(source, count) else {
      report(
        .flashNotMapped,
        "flash_range_program is given data at \(hexadecimal(source)), which is not in SRAM")
      return
    }
    var length = Nanoseconds.zero
    for start in stride(from: 0, to: data.count, by: FlashChip.pageSize) where state == .running {
      flash.program(Array(data[start..<start + FlashChip.pageSize]), at: Int(address) + start)
      length = length + FlashChip.Duration.pageProgram
    }
    finishFlashChange(length)
  }

  /// The flash is left as the ROM's last status poll leaves it: deselected by force, until FC.
  private func finishFlashChange(_ length: Nanoseconds) {
    ioQSPI.setControl(of: 1, to: PinBank.Override.high.rawValue << 8)
    stall(for: length)
  }

  private func checkRange(
    _ function: String, _ address: UInt32, _ count: UInt32, unit: Int
  ) -> Bool {
    if serial.configuration.readsAfterCommand || !serial.configuration.isEnabled {
      report(.flashSequence, "\(function) is called while the SSI is set up for XIP; call EX first")
      return false
    }
    if flashCommands.isContinuous {
      report(
        .flashSequence, "\(function) is called while the flash takes no commands; call EX first")
      return false
    }
    guard Int(address) % unit == 0, Int(count) % unit == 0,
      Int(address) + Int(count) <= flash.memory.size
    else {
      report(
        .flashAlignment,
        "\(function) of \(count) bytes at \(hexadecimal(address)): both have to be multiples of "
          + "\(unit) and within 2 MiB")
      return false
    }
    if let interrupt = interruptFromFlash() {
      report(.flashInterruptible, "\(function) is called while \(interrupt) could run from flash")
    }
    return true
  }

  /// An exception that could be taken now and needs flash for its vector or its handler.
  private func interruptFromFlash() -> String? {
    guard !core.isMasked else { return nil }
    var numbers = (0..<32).filter { core.exceptions.enabledInterrupts >> UInt32($0) & 1 == 1 }
      .map { 16 + $0 }
    if systemTimer.isInterrupting { numbers.append(ExceptionNumber.sysTick.rawValue) }
    for number in numbers {
      let slot = core.vectorTable + UInt32(number) * 4
      if ExecuteInPlace.contains(slot) || loadVector(at: slot).map(ExecuteInPlace.contains) ?? false
      {
        return "exception \(number)"
      }
    }
    return nil
  }

  // MARK: Memory

  private func copy(_ source: UInt32, _ count: UInt32) -> [UInt8]? {
    guard let start = sramOffset(source, Int(count)) else { return nil }
    return Array(sram.bytes[start..<start + Int(count)])
  }

  private func copy(_ source: UInt32, to destination: UInt32, _ count: UInt32) {
    let inFlash = ExecuteInPlace.contains(source) && executeInPlace.obstacle() == nil
    let start = Int(source & 0xFF_FFFF)
    let data =
      inFlash && start + Int(count) <= flash.memory.size
      ? Array(flash.memory.bytes[start..<start + Int(count)]) : copy(source, count)
    guard let data, let target = sramOffset(destination, data.count) else {
      report(
        .notModelled,
        "the boot ROM's memcpy between \(hexadecimal(source)) and "
          + "\(hexadecimal(destination))")
      return
    }
    for (index, byte) in data.enumerated() { sram[target + index] = byte }
    forgetCodeInMemory()
  }

  private func fill(_ destination: UInt32, _ byte: UInt8, _ count: UInt32) {
    guard let target = sramOffset(destination, Int(count)) else {
      report(.notModelled, "the boot ROM's memset at \(hexadecimal(destination))")
      return
    }
    for index in 0..<Int(count) { sram[target + index] = byte }
    forgetCodeInMemory()
  }
}
