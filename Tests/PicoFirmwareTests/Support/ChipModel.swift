import Hardware

@testable import PicoBoard

/// The RP2040's registers as a bus that records: it keeps every access in order, answers as the chip
/// would, and notes where the firmware breaks a rule of the data sheet.
final class ChipModel: RegisterBus {
  enum Access: Equatable, CustomStringConvertible {
    case read(Register)
    case write(UInt32, Register)

    var description: String {
      switch self {
      case .read(let register): "read \(hexadecimal(register.address))"
      case .write(let value, let register):
        "write \(hexadecimal(value)) to \(hexadecimal(register.address))"
      }
    }
  }

  private(set) var accesses: [Access] = []
  private(set) var violations: [String] = []
  /// What was written, by address without alias.
  private(set) var values: [UInt32: UInt32] = [:]

  /// The timer; reading its low half lets a microsecond pass.
  var microseconds: UInt64 = 0
  /// The next bits of the ring oscillator.
  var randomBits: () -> Bool
  /// Whether the chip says that it is silicon.
  var isSilicon = true
  /// Whether the controller says that it has let go of an endpoint; chips B0 and B1 never do.
  var confirmsAborts = true

  /// The controller's view, set by the host.
  var sieStatus: UInt32 = 0
  var bufferStatus: UInt32 = 0
  var stallArm: UInt32 = 0
  /// The bus fell silent, or is so no more, and the firmware has not said that it knows.
  var hasSuspensionChanged = false
  /// Whether the acknowledgement also takes back that the bus is silent. The data sheet leaves it open.
  var forgetsSuspension = false
  private var aborted: UInt32 = 0
  private var isPLLRunning = false

  init(seed: UInt64 = 1) {
    var generator = Generator(seed: seed)
    randomBits = { generator.next() & 1 == 1 }
    values[ResetController.reset.address] = ResetController.Blocks.all.rawValue
  }

  func forgetAccesses() { accesses = [] }

  var writes: [Access] {
    accesses.filter { if case .write = $0 { true } else { false } }
  }

  // MARK: RegisterBus

  func read(_ register: Register) -> UInt32 {
    accesses.append(.read(register))
    checkReset(register.address)
    switch register {
    case ResetController.done: return ~value(of: ResetController.reset)
    case CrystalOscillator.status: return isCrystalOn ? CrystalOscillator.stable : 0
    case PhaseLockedLoop.control:
      return value(of: register) | (isPLLRunning ? PhaseLockedLoop.locked : 0)
    case ClockTree.Reference.selected: return 1 << (value(of: ClockTree.Reference.control) & 3)
    case ClockTree.System.selected: return 1 << (value(of: ClockTree.System.control) & 1)
    case MicrosecondTimer.high: return UInt32(truncatingIfNeeded: microseconds >> 32)
    case MicrosecondTimer.low:
      defer { microseconds += 1 }
      return UInt32(truncatingIfNeeded: microseconds)
    case RingOscillator.randomBit: return randomBits() ? 1 : 0
    case SystemInformation.platform: return isSilicon ? SystemInformation.asic : 0
    case ControllerRegisters.sieStatus: return sieStatus
    case ControllerRegisters.bufferStatus: return bufferStatus
    case ControllerRegisters.interruptStatus:
      return interrupts & value(of: ControllerRegisters.interruptEnable)
    case ControllerRegisters.abortDone: return confirmsAborts ? aborted : 0
    default: return value(of: register)
    }
  }

  func write(_ value: UInt32, to register: Register) {
    accesses.append(.write(value, register))
    let (address, kind) = Self.resolve(register.address)
    checkReset(address)
    if let endpoint = Endpoint.allCases.first(where: { $0.bufferControl.address == address }) {
      checkBufferControl(endpoint, value)
    }
    switch Register(address) {
    // Writing ones clears, through which alias ever.
    case ControllerRegisters.sieStatus:
      let suspended = ControllerRegisters.SIEStatus.suspended
      if value & suspended != 0 { hasSuspensionChanged = false }
      sieStatus &= ~(forgetsSuspension ? value : value & ~suspended)
    case ControllerRegisters.bufferStatus: bufferStatus &= ~value
    case ControllerRegisters.abortDone: aborted &= ~value
    case ControllerRegisters.stallArm: stallArm = kind.applied(value, to: stallArm)
    case ControllerRegisters.abort:
      let new = kind.applied(value, to: values[address] ?? 0)
      aborted |= new
      values[address] = new
    case PhaseLockedLoop.power where kind == .clear:
      // What it held after reset does not matter here.
      isPLLRunning = isPLLRunning || value & PhaseLockedLoop.main != 0
    default: values[address] = kind.applied(value, to: values[address] ?? 0)
    }
  }

  func value(of register: Register) -> UInt32 { values[register.address] ?? 0 }

  /// What the controller does to its memory by itself.
  func setMemory(_ register: Register, _ value: UInt32) { values[register.address] = value }

  /// What the controller raises, enabled or not.
  var interrupts: UInt32 {
    typealias Interrupt = ControllerRegisters.Interrupt
    typealias Status = ControllerRegisters.SIEStatus
    var raised: UInt32 = bufferStatus != 0 ? Interrupt.bufferStatus : 0
    if sieStatus & Status.busReset != 0 { raised |= Interrupt.busReset }
    if sieStatus & Status.setupReceived != 0 { raised |= Interrupt.setup }
    if sieStatus & Status.resumed != 0 { raised |= Interrupt.resumed }
    if hasSuspensionChanged { raised |= Interrupt.suspension }
    return raised
  }

  // MARK: Rules

  private enum Kind: UInt32 {
    case plain = 0
    case xor = 1
    case set = 2
    case clear = 3

    func applied(_ value: UInt32, to old: UInt32) -> UInt32 {
      switch self {
      case .plain: value
      case .xor: old ^ value
      case .set: old | value
      case .clear: old & ~value
      }
    }
  }

  /// Peripherals have aliases; the USB memory, SIO and the processor's own registers have none.
  private static func resolve(_ address: UInt32) -> (UInt32, Kind) {
    let isPeripheral = (0x4000_0000..<0x4007_0000).contains(address)
    guard isPeripheral || (0x5011_0000..<0x5011_4000).contains(address) else {
      return (address, .plain)
    }
    return (address & ~0x3000, Kind(rawValue: address >> 12 & 3)!)
  }

  private func checkReset(_ address: UInt32) {
    let block: ResetController.Blocks? =
      switch address & ~0x3FFF {
      case 0x4000_0000: .systemInformation
      case 0x4001_4000: .ioBank0
      case 0x4001_C000: .padsBank0
      case 0x4002_C000: .pllUSB
      case 0x4005_4000: .timer
      case 0x5010_0000, 0x5011_0000: .usb
      default: nil
      }
    guard let block, value(of: ResetController.reset) & block.rawValue != 0 else { return }
    violations.append("\(hexadecimal(address)) is accessed while it is held in reset")
  }

  /// AVAILABLE comes in a write of its own, and while it is set, the word is the controller's.
  private func checkBufferControl(_ endpoint: Endpoint, _ value: UInt32) {
    let old = BufferControl(rawValue: self.value(of: endpoint.bufferControl))
    let new = BufferControl(rawValue: value)
    if new.isHandedOver, !old.isHandedOver, old.handedOver != new {
      violations.append("\(endpoint): AVAILABLE is set together with other bits")
    }
    let isAborted = self.value(of: ControllerRegisters.abort) & endpoint.bit != 0
    if old.isHandedOver, !isAborted {
      violations.append("\(endpoint): the word is changed while it is the controller's")
    }
  }

  private var isCrystalOn: Bool {
    value(of: CrystalOscillator.control)
      == CrystalOscillator.enable | CrystalOscillator.range
  }
}

/// As data sheets write it.
func hexadecimal(_ number: UInt32) -> String {
  let digits = String(number, radix: 16)
  return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
}

/// A small generator, so that a seed repeats a test.
struct Generator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state &* 0x2545_F491_4F6C_DD1D
  }
}
