extension Pico {
  /// What is where (RP2040 data sheet, 2.2).
  func makeSlots() -> [UInt32: Bus.Slot] {
    [
      0x1400_0000: .init("XIP_CTRL", executeInPlace),
      0x1800_0000: .init("XIP_SSI", serial),
      0x4000_0000: .init("SYSINFO", SystemInformation(), .systemInformation),
      0x4000_4000: .init("SYSCFG", RegisterFile.systemConfiguration(), .systemConfiguration),
      0x4000_8000: .init("CLOCKS", clocks),
      0x4000_C000: .init("RESETS", resets),
      0x4001_0000: .init("PSM", powerOnMachine),
      0x4001_4000: .init("IO_BANK0", ioBank0, .ioBank0),
      0x4001_8000: .init("IO_QSPI", ioQSPI, .ioQSPI),
      0x4001_C000: .init("PADS_BANK0", padsBank0, .padsBank0),
      0x4002_0000: .init("PADS_QSPI", padsQSPI, .padsQSPI),
      0x4002_4000: .init("XOSC", crystal),
      0x4002_8000: .init("PLL_SYS", systemPLL, .pllSystem),
      0x4002_C000: .init("PLL_USB", usbPLL, .pllUSB),
      0x4003_0000: .init("BUSCTRL", RegisterFile.busControl(), .busControl),
      0x4003_4000: .init("UART0", nil, .uart0),
      0x4003_8000: .init("UART1", nil, .uart1),
      0x4003_C000: .init("SPI0", nil, .spi0),
      0x4004_0000: .init("SPI1", nil, .spi1),
      0x4004_4000: .init("I2C0", nil, .i2c0),
      0x4004_8000: .init("I2C1", nil, .i2c1),
      0x4004_C000: .init("ADC", nil, .adc),
      0x4005_0000: .init("PWM", nil, .pwm),
      0x4005_4000: .init("TIMER", timer, .timer),
      0x4005_8000: .init("WATCHDOG", watchdog),
      0x4005_C000: .init("RTC", nil, .rtc),
      0x4006_0000: .init("ROSC", ring),
      0x4006_4000: .init("VREG_AND_CHIP_RESET", RegisterFile.voltageRegulator()),
      0x4006_C000: .init("TBMAN", nil, .testbench),
      0x5000_0000: .init("DMA", nil, .dma),
      0x5010_0000: .init("the USB controller's DPSRAM", controller, .usb),
      0x5011_0000: .init("USBCTRL", controller, .usb),
      0x5020_0000: .init("PIO0", nil, .pio0),
      0x5030_0000: .init("PIO1", nil, .pio1),
      0x5040_0000: .init("XIP_AUX", nil),
    ]
  }

  /// What a bit of RESETS resets.
  func peripheral(_ unit: ResetController.Unit) -> (any Peripheral)? {
    switch unit {
    case .ioBank0: ioBank0
    case .ioQSPI: ioQSPI
    case .padsBank0: padsBank0
    case .padsQSPI: padsQSPI
    case .pllSystem: systemPLL
    case .pllUSB: usbPLL
    case .timer: timer
    case .usb: controller
    default: nil
    }
  }
}

extension RegisterFile {
  /// An isolation and voltage register, and a pad a pin, the LED's at 4 + 4 * 25.
  static func padsBank0(changed: @escaping () -> Void) -> RegisterFile {
    var registers: [UInt32: Register] = [0: .init(initial: 0, mask: 1)]
    for pin in 0..<30 as Range<UInt32> { registers[4 + pin * 4] = .init(initial: 0x56, mask: 0xFF) }
    registers[0x7C] = .init(initial: 0xDA, mask: 0xFF)
    registers[0x80] = .init(initial: 0x5A, mask: 0xFF)
    return RegisterFile(registers, changed: changed)
  }

  static func padsQSPI() -> RegisterFile {
    RegisterFile([
      0x00: .init(initial: 0, mask: 1), 0x04: .init(initial: 0x56, mask: 0xFF),
      0x08: .init(initial: 0x52, mask: 0xFF), 0x0C: .init(initial: 0x52, mask: 0xFF),
      0x10: .init(initial: 0x52, mask: 0xFF), 0x14: .init(initial: 0x52, mask: 0xFF),
      0x18: .init(initial: 0x5A, mask: 0xFF),
    ])
  }

  static func systemConfiguration() -> RegisterFile {
    RegisterFile([
      0x00: .init(initial: 0, mask: .max), 0x04: .init(initial: 0, mask: .max),
      0x08: .init(initial: 0x1000_0000, mask: 0xFF00_0000),
      0x0C: .init(initial: 0, mask: 0x3FFF_FFFF), 0x10: .init(initial: 0, mask: 0x3F),
      0x14: .init(initial: 0x66, mask: 0xFF), 0x18: .init(initial: 0, mask: 0xFF),
    ])
  }

  static func busControl() -> RegisterFile {
    var registers: [UInt32: Register] = [
      0: .init(initial: 0, mask: 0x1111), 4: .init(initial: 1, mask: 0),
    ]
    for offset in stride(from: 8 as UInt32, to: 0x28, by: 4) {
      registers[offset] = .init(initial: 0, mask: 0xFF_FFFF)
    }
    return RegisterFile(registers)
  }

  static func voltageRegulator() -> RegisterFile {
    RegisterFile([
      0x0: .init(initial: 0x10B1, mask: 0xF3), 0x4: .init(initial: 0x91, mask: 0xF1),
      0x8: .init(initial: 0x100, mask: 0x0100_0000),
    ])
  }
}

/// SYSINFO (RP2040 data sheet, 2.20.1): an RP2040 of revision B2.
final class SystemInformation: Peripheral {
  func read(_ offset: UInt32) -> UInt32? {
    switch offset {
    case 0x00: 0x2000_2927
    case 0x04: 2
    case 0x40: 0
    default: nil
    }
  }

  func write(_ offset: UInt32, _ write: RegisterWrite) -> Bool { false }
  func reset() {}
}
