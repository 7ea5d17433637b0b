import Testing

@testable import fob

@Suite("The command line")
struct ParserTests {
  private let parser = Parser(commands: CommandTable.all)

  private func refusal(_ words: String...) -> String? {
    do throws(FobError) {
      _ = try parser.parse(words)
      return nil
    } catch {
      #expect(error.status == .usage)
      return error.sentence
    }
  }

  @Test("an option takes its value from the next word, or after '='")
  func values() throws {
    for words in [["code", "--token", "sim", "x"], ["code", "x", "--token=sim"]] {
      let invocation = try parser.parse(words)
      #expect(invocation.text(.token) == "sim")
      #expect(invocation.arguments == ["x"])
    }
    #expect(try parser.parse(["code", "--token=unix:/a=b"]).text(.token) == "unix:/a=b")
  }

  @Test("the options of every token may stand before the command")
  func earlyOptions() throws {
    let invocation = try parser.parse(["--token", "sim", "--password-file=p", "list", "--json"])
    #expect(invocation.command.name == "list")
    #expect(invocation.text(.token) == "sim")
    #expect(invocation.text(.passwordFile) == "p")
    #expect(invocation.has(.json))
  }

  @Test("'--' ends the options, and '-' is a value")
  func ends() throws {
    #expect(try parser.parse(["code", "--", "--wait"]).arguments == ["--wait"])
    #expect(try parser.parse(["add", "x", "--key", "-"]).text(.key) == "-")
  }

  @Test("a command to run keeps its own options")
  func commandToRun() throws {
    let invocation = try parser.parse(["sim", "run", "--memory", "--", "ls", "--memory", "-l"])
    #expect(invocation.arguments == ["ls", "--memory", "-l"])
    #expect(
      try parser.parse(["sim", "run", "ls", "-l", "--", "x"]).arguments == ["ls", "-l", "--", "x"])
  }

  @Test("a letter is as good as the name")
  func letters() throws {
    #expect(try parser.parse(["remove", "x", "-y"]).has(.yes))
    #expect(try parser.parse(["code", "-h"]).command.name == "help")
  }

  @Test("--help explains the command it is given to, wherever it stands")
  func help() throws {
    #expect(try parser.parse(["--help"]).arguments.isEmpty)
    #expect(try parser.parse(["clock", "sync", "--help"]).arguments == ["clock sync"])
    #expect(try parser.parse(["sim", "--help"]).arguments == ["sim"])
    #expect(try parser.parse(["help", "clock", "sync"]).arguments == ["clock sync"])
  }

  @Test("a group's name alone is its usual command")
  func usual() throws {
    #expect(try parser.parse(["clock"]).command.name == "clock status")
    #expect(try parser.parse(["clock", "--json"]).command.name == "clock status")
  }

  @Test("what was probably meant is suggested")
  func suggestions() {
    #expect(refusal("lst")?.contains("did you mean 'list'?") == true)
    #expect(refusal("enabel")?.contains("did you mean 'enable'?") == true)
    #expect(refusal("list", "--jsno")?.contains("did you mean --json?") == true)
    #expect(refusal("clock", "snyc")?.contains("did you mean 'sync'?") == true)
    #expect(refusal("completions", "zhs")?.contains("did you mean zsh?") == true)
  }

  @Test("what is missing, contradictory or too much is refused")
  func refused() {
    for words in [
      [], ["nonesuch"], ["sim"], ["sim", "nonesuch"], ["rename", "a"], ["rename", "a", "b", "c"],
      ["add"], ["add", "x", "--qr", "a", "--key", "-"], ["add", "x", "--qr"], ["--", "list"],
      ["code", "--wait", "--watch"], ["list", "--json", "--json"], ["list", "--json=yes"],
      ["add", "x", "--qr", "a", "--digits", "8"], ["add", "x", "--key", "-", "--counter", "1"],
      ["add", "x", "--key", "-", "--hotp", "--period", "60"],
      ["add", "x", "--uri", "-", "--pick", "1"],
      ["list", "--names", "--json"], ["version", "x"], ["--token", "sim", "version"],
      ["sim", "run", "--memory", "--image", "x"], ["recover", "x", "--count", "--store", "f"],
    ] {
      #expect(throws: FobError.self, "\(words)") { try parser.parse(words) }
    }
  }

  @Test("numbers are whole, decimal and within their bounds")
  func numbers() throws {
    func digits(_ text: String) throws -> UInt64? {
      try parser.parse(["add", "x", "--key", "-", "--digits", text]).number(.digits)
    }
    #expect(try digits("6") == 6)
    #expect(try digits("10") == 10)
    for text in ["5", "11", "", "+7", "0x8", "8.0", "seven", "٧", "99999999999999999999"] {
      #expect(throws: FobError.self, "\(text)") { try digits(text) }
    }
  }

  @Test("a value longer than any path is refused")
  func oversized() throws {
    let long = String(repeating: "x", count: ValueKind.longest)
    #expect(try parser.parse(["code", long]).arguments == [long])
    #expect(refusal("code", long + "x")?.contains("at most 4096 bytes") == true)
    #expect(refusal("add", "x", "--qr", long + "x")?.contains("at most 4096 bytes") == true)
  }

  @Test("a secret on the command line is refused, and not repeated")
  func secrets() {
    let secret = "JBSWY3DPEHPK3PXP"
    let address = "otpauth://totp/a?secret=\(secret)"
    for words in [
      ["add", "x", "--key", secret], ["add", "x", "--key=\(secret)"], ["add", "--uri", address],
      ["add", "x", "--keys=\(secret)"], ["add", "x", "--kye", secret],
      ["add", "x", secret, "--key", "-"], ["--\(address)"], [address], ["help", address],
    ] {
      do throws(FobError) {
        let invocation = try parser.parse(words)
        try invocation.command.run(invocation, Console())
        Issue.record("\(words) was taken")
      } catch {
        #expect(!error.sentence.contains(secret), "\(words)")
        #expect(!error.sentence.contains("otpauth"), "\(words)")
      }
    }
    #expect(refusal("add", "x", "--key", secret)?.contains("every program") == true)
  }
}
