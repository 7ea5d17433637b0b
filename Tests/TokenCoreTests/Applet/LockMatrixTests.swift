import Testing
import TokenCore

/// Every command in every state, against the table of Docs/protocol.md, section 11, itself.
@Suite("The lock matrix")
struct LockMatrixTests {
  private let header: [String]
  private let rows: [[String]]

  init() throws {
    let matrix = try LockMatrix()
    header = matrix.header
    rows = matrix.rows
  }

  @Test("has every state for a column, and every instruction for a row")
  func isComplete() throws {
    #expect(header == ["command"] + LockState.allCases.map(\.rawValue))
    var host = TestHost()
    let commands = try rows.map { row in
      try #require(LockCommand(row[0], for: &host, in: .fresh), "\(row[0])")
    }
    let known = (UInt8(0)...0xFF).filter { Instruction(rawValue: $0) != nil }
    // A4 is SELECT and CALCULATE ALL.
    #expect(Set(commands.map(\.instruction)) == Set(known))
    #expect(commands.count == known.count + 1)
    #expect(rows.allSatisfy { $0.count == header.count })
  }

  @Test("is what the token does", arguments: LockState.allCases)
  func holds(in state: LockState) throws {
    let column = try #require(header.firstIndex(of: state.rawValue))
    for row in rows {
      var host = state.host()
      let command = try #require(LockCommand(row[0], for: &host, in: state))
      let before = host.token.board.memory
      let cell = command.cell(on: &host)
      #expect(cell == row[column], "\(row[0]) when \(state.rawValue)")
      // For lack of access, that is; others may have written down what time it is.
      if cell == "6982" || cell == "6983" {
        let isUntouched = host.token.board.memory == before
        #expect(isUntouched, "\(row[0]) when \(state.rawValue) changed the flash")
      }
    }
  }

  @Test(
    "a command that waits for the button does nothing without it", arguments: LockState.allCases)
  func untouched(in state: LockState) throws {
    for row in rows where row.contains(where: { $0.hasSuffix("*") }) {
      var host = state.host()
      let command = try #require(LockCommand(row[0], for: &host, in: state))
      let before = host.token.board.memory
      _ = host.begin(command.instruction, p1: command.p1, p2: command.p2, command.data)
      guard host.token.wantsTouch else { continue }
      host.token.board.pass(seconds: 16)
      host.token.poll()
      #expect(TestHost.response(in: host.messages()).status == 0x6982)
      let isUntouched = host.token.board.memory == before
      #expect(isUntouched)
    }
  }
}
