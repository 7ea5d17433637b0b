import Foundation
import JSON
import Testing

@Suite("The rules of a page notice what breaks them", .enabled(if: Driver.isInstalled))
struct RuleTests {
  /// A page that keeps all rules. `%%` lets changes be made with no thought of where.
  private static let good = """
    <!doctype html><html lang="en"><head><title>A page</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <style>
      :root { color-scheme: light dark }
      body { background: white; color: #222; font: 16px sans-serif; margin: 8px }
      input, button { border: 1px solid #555; background: white; color: #222; padding: 8px }
      :focus-visible { outline: 3px solid #06c }
      @media (prefers-color-scheme: dark) {
        body, input, button { background: #111; color: #eee; border-color: #aaa }
        :focus-visible { outline-color: #8cf }
      }
    </style></head><body><main><h1>A page</h1><h2>Part</h2>
    <form><label for="mail">Address</label> <input id="mail" type="email" autocomplete="email">
    <button id="go">Go on</button></form>
    <p id="words">Some <b>words</b>.</p><img alt="" src="data:,"><ul><li>one</li></ul>
    </main></body></html>
    """

  private static func open(_ page: String, _ browser: Browser) throws {
    let encoded = Data(page.utf8).base64EncodedString()
    try browser.open("data:text/html;charset=utf-8;base64,\(encoded)")
  }

  @Test("a page that keeps them passes, and each change that breaks one is found")
  func mutants() throws {
    let room = try Room()
    let browser = try Browser(folder: room.folder)
    try Self.open(Self.good, browser)
    try PageRules.check(browser, "the page that keeps the rules")
    let mutants: [(rule: String, old: String, new: String)] = [
      ("lang", "lang=\"en\"", ""), ("title", "<title>A page</title>", ""),
      ("viewport", "<meta name=\"viewport\"", "<meta name=\"other\""),
      ("viewport", "initial-scale=1", "maximum-scale=1"),
      ("main", "<main>", "<div>"), ("h1", "<h1>A page</h1>", "<h1>A page</h1><h1>Two</h1>"),
      ("heading-order", "<h2>Part</h2>", "<h3>Part</h3>"),
      ("label", "for=\"mail\"", ""), ("reference", "for=\"mail\"", "for=\"male\""),
      ("label", "<label for=\"mail\">Address</label>", ""),
      ("autocomplete", " autocomplete=\"email\"", ""),
      ("autocomplete", "type=\"email\" autocomplete=\"email\"", "type=\"password\""),
      ("button-name", ">Go on<", "><"), ("id", "id=\"words\"", "id=\"go\""),
      ("link-name", "<b>words</b>", "<a href=\"#go\"> </a>"), ("image-alt", "alt=\"\"", ""),
      ("image-alt", "<ul>", "<svg></svg><ul>"), ("tabindex", "<button", "<button tabindex=\"1\""),
      ("list", "<li>one</li>", "<li>one</li><p>two</p>"),
      ("table-headers", "<ul>", "<table><tr><td>1</td></tr></table><ul>"),
      ("radio-group", "<ul>", "<label><input type=\"radio\" name=\"r\"> r</label><ul>"),
      ("dialog-name", "<ul>", "<dialog open>Words</dialog><ul>"),
      ("contrast", "<b>", "<b style=\"color: #999\">"),
      ("contrast", "<b>", "<b style=\"opacity: 0.5\">"),
      ("contrast", "<b>", "<b style=\"background: linear-gradient(red, blue)\">"),
      ("field-edge", "type=\"email\"", "type=\"email\" style=\"border-color: #ddd\""),
      ("focus", "<button", "<button style=\"outline: none\""),
      ("focus", "<button", "<button style=\"outline-color: #eee\""),
      ("scrolling", "<ul>", "<div style=\"width: 2000px\">wide</div><ul>"),
      ("target-size", "<button", "<button style=\"height: 12px; padding: 0; font-size: 9px\""),
    ]
    try browser.prefer(.light)
    for mutant in mutants {
      try #require(Self.good.contains(mutant.old), "\(mutant)")
      try Self.open(Self.good.replacing(mutant.old, with: mutant.new), browser)
      let broken = try PageRules.violations(browser)
      #expect(broken.contains { $0.rule == mutant.rule }, "\(mutant): \(broken)")
    }
  }

  @Test("black on white has contrast 21, and the least grey that passes is #767676")
  func contrast() throws {
    let room = try Room()
    let browser = try Browser(folder: room.folder)
    for (grey, passes) in [("000000", true), ("767676", true), ("777777", false)] {
      try Self.open(
        Self.good.replacing("<b>", with: "<b style=\"color: #\(grey); font-weight: 400\">"), browser
      )
      let broken = try PageRules.violations(browser)
      #expect(broken.isEmpty == passes, "\(grey): \(broken)")
    }
  }

  @Test("a picture on a page is read from its screenshot by fob")
  func screenshotOfQR() throws {
    let room = try Room()
    let browser = try Browser(folder: room.folder)
    let fob = Fob(room)
    let key = "JBSWY3DPEHPK3PXP"
    let picture = room.folder + "/made.png"
    let made = try Shell.run(
      ["qrencode", "-o", picture, "-s", "6", "otpauth://totp/Shop:ann?secret=\(key)&issuer=Shop"])
    try #require(made.status == 0, "\(made)")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: picture)).base64EncodedString()
    try Self.open(
      Self.good.replacing(
        "<ul>", with: "<img alt=\"QR\" src=\"data:image/png;base64,\(bytes)\"><ul>"),
      browser)
    try fob.add(screenshot: browser.screenshot())
    #expect(try fob.code("Shop:ann").count == 6)
  }
}
