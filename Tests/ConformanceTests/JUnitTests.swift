import Foundation
import Testing
import TokenCore

@testable import Conformance

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("The report as JUnit's XML")
struct JUnitTests {
  /// The cases that an XML parser finds.
  private final class Reader: NSObject, XMLParserDelegate {
    var cases: [[String: String]] = []
    var suites: [[String: String]] = []
    var text = ""

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      switch name {
      case "testcase": cases.append(attributes)
      case "testsuite": suites.append(attributes)
      case "failure", "skipped": cases[cases.count - 1][name] = attributes["message"]
      default: break
      }
    }

    func parser(_ parser: XMLParser, foundCharacters characters: String) {
      text += characters
    }
  }

  private func read(_ report: CheckReport) throws -> Reader {
    let parser = XMLParser(data: Data(JUnitReport(report).text.utf8))
    let reader = Reader()
    parser.delegate = reader
    try #require(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    return reader
  }

  private func result(_ id: String, _ outcome: CheckResult.Outcome) -> CheckResult {
    CheckResult(
      id: id, title: "What has to be so", section: "2, rule 1", outcome: outcome,
      duration: .milliseconds(1_042))
  }

  @Test("a run's report has a case for each check, and its counts")
  func wholeRun() throws {
    let transport = loopback()
    let report = try Suite(transport, hands: transport.hands).run(only: "re")
    let reader = try read(report)
    #expect(reader.cases.count == report.results.count)
    #expect(reader.suites[0]["tests"] == "\(report.results.count)")
    #expect(reader.suites[0]["failures"] == "0")
    #expect(reader.suites[0]["skipped"] == "\(report.skipped)")
    #expect(reader.cases.filter { $0["skipped"] != nil }.count == report.skipped)
    for (element, result) in zip(reader.cases, report.results) {
      #expect(element["name"]?.hasPrefix("\(result.id): ") == true)
      #expect(element["classname"] == result.group)
    }
  }

  @Test("what was sent, expected and received comes back as it was, whatever it is")
  func escaping() throws {
    let wild = "<a href=\"x\">&amp; 'b' ]]> \n\t\r é 𝛑 \u{1}\u{8}\u{1B}[31m\u{FFFE}"
    let tame = "<a href=\"x\">&amp; 'b' ]]> \n\t\r é 𝛑 \u{FFFD}\u{FFFD}\u{FFFD}[31m\u{FFFD}"
    let deviation = Deviation(sent: wild, expected: wild, received: "nothing")
    var report = CheckReport(
      place: "unix:/<\"&>",
      results: [result("a.b", .failed(deviation)), result("a.c", .skipped(wild))])
    report.facts = TokenFacts(
      serialNumber: SerialNumber(rawValue: 0xAB), body: .simulated, credentials: 0)
    let reader = try read(report)
    #expect(reader.suites[0]["name"] == "unix:/<\"&>")
    #expect(reader.suites[0]["failures"] == "1")
    #expect(reader.suites[0]["time"] == "2.084")
    #expect(reader.cases[0]["failure"] == "expected \(tame), received nothing")
    #expect(reader.cases[0]["time"] == "1.042")
    #expect(reader.cases[1]["skipped"] == tame)
    #expect(reader.text.contains("sent: \(tame)\nexpected: \(tame)\nreceived: nothing"))
  }
}
