/// A stand-in for the boot ROM: the tables that firmware looks functions up in, and for each function
/// an instruction that hands over to the model (RP2040 data sheet, 2.8).
///
/// The ROM's first 32 bytes: the stack pointer, the vectors for reset, NMI and HardFault, 'Mu' 1 and
/// the version, then three 16-bit pointers: to the function table, to the data table, and to the
/// function that looks something up in a table. A table is pairs of two letters and a 16-bit
/// pointer, and ends with a zero.
struct BootROM {
  static let size = 16 * 1024
  /// The top of the ROM's own stack, at the end of SRAM.
  static let stack: UInt32 = 0x2004_2000
  /// Where the second stage is copied to.
  static let secondStage: UInt32 = 0x2004_1F00
  static let secondStageSize = 256

  /// What the model does in the ROM's place. The raw value is the number in the UDF instruction.
  enum Function: UInt16, CaseIterable {
    case reset = 0
    case lookUp = 1
    case connectFlash = 2
    case exitXIP = 3
    case eraseRange = 4
    case programRange = 5
    case flushCache = 6
    case enterCommandXIP = 7
    case resetToUSBBoot = 8
    case fillBytes = 9
    case fillWords = 10
    case copyBytes = 11
    case copyWords = 12
    case countOnes = 13
    case reverseBits = 14
    case leadingZeros = 15
    case trailingZeros = 16

    /// The two letters that it is looked up by; `nil` for those that are not in the table.
    var code: String? {
      switch self {
      case .reset, .lookUp: nil
      case .connectFlash: "IF"
      case .exitXIP: "EX"
      case .eraseRange: "RE"
      case .programRange: "RP"
      case .flushCache: "FC"
      case .enterCommandXIP: "CX"
      case .resetToUSBBoot: "UB"
      case .fillBytes: "MS"
      case .fillWords: "S4"
      case .copyBytes: "MC"
      case .copyWords: "C4"
      case .countOnes: "P3"
      case .reverseBits: "R3"
      case .leadingZeros: "L3"
      case .trailingZeros: "T3"
      }
    }

    /// Where its two instructions are: UDF, which is where the model comes in, and BX LR.
    var address: UInt32 { 0x100 + UInt32(rawValue) * 4 }
  }

  private static let deadEnd: UInt32 = 0x80
  private static let functionTable: UInt32 = 0x200
  private static let dataTable: UInt32 = 0x280

  static func makeMemory() -> Memory {
    let memory = Memory(size: size)
    func store16(_ value: UInt32, at address: UInt32) {
      memory[Int(address)] = UInt8(truncatingIfNeeded: value)
      memory[Int(address) + 1] = UInt8(truncatingIfNeeded: value >> 8)
    }
    memory.setWord(stack, at: 0)
    memory.setWord(Function.reset.address | 1, at: 4)
    memory.setWord(deadEnd | 1, at: 8)
    memory.setWord(deadEnd | 1, at: 12)
    // 'M', 'u', 1, and the version of the RP2040-B2's ROM.
    memory.setWord(0x0301_754D, at: 16)
    store16(functionTable, at: 0x14)
    store16(dataTable, at: 0x16)
    store16(Function.lookUp.address | 1, at: 0x18)
    // wfi; b .-2
    store16(0xBF30, at: deadEnd)
    store16(0xE7FD, at: deadEnd + 2)
    var entry = functionTable
    for function in Function.allCases {
      store16(0xDE00 + UInt32(function.rawValue), at: function.address)
      store16(0x4770, at: function.address + 2)
      guard let code = function.code else { continue }
      store16(Self.code(code), at: entry)
      store16(function.address | 1, at: entry + 2)
      entry += 4
    }
    return memory
  }

  /// The function whose UDF is at `address`.
  static func function(at address: UInt32) -> Function? {
    guard address >= 0x100, address < functionTable else { return nil }
    return Function(rawValue: UInt16((address - 0x100) / 4))
  }

  /// Two letters as the table has them: the first in the lower byte.
  private static func code(_ letters: String) -> UInt32 {
    letters.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The checksum of a second stage's first 252 bytes: CRC-32 with the polynomial 0x04c11db7, the
  /// highest bit first, from all ones, and not inverted at the end.
  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    bytes.reduce(0xFFFF_FFFF) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte) << 24) { sum, _ in
        sum & 0x8000_0000 == 0 ? sum << 1 : sum << 1 ^ 0x04C1_1DB7
      }
    }
  }
}
