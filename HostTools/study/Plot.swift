import Glibc

/// Lines over days and seconds, the seconds on a logarithmic scale, as SVG.
struct Plot {
  struct Line {
    var name: String
    var colour: String
    var isDashed = false
    /// Days, and seconds above 0.
    var points: [(days: Double, seconds: Double)]
  }

  let title: String
  let lines: [Line]
  private static let width = 760.0
  private static let height = 440.0
  private static let left = 70.0
  private static let right = 250.0
  private static let top = 40.0
  private static let bottom = 50.0
  /// Powers of ten of the seconds' axis.
  private static let decades = -2...3
  private static let lastDay = 365.0

  var svg: String {
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" \
      font-family="sans-serif" font-size="12">
      <rect width="100%" height="100%" fill="white"/>
      <text x="\(Int(Self.left))" y="22" font-size="14">\(title)</text>

      """
    for decade in Self.decades {
      let y = Self.y(pow(10, Double(decade)))
      let label =
        decade < 0
        ? "0.\(String(repeating: "0", count: -decade - 1))1" : "\(Int(pow(10, Double(decade))))"
      text += Self.rule(Self.left, y, Self.width - Self.right, y)
      text +=
        "<text x=\"\(Int(Self.left) - 8)\" y=\"\(Self.short(y + 4))\" text-anchor=\"end\">\(label) s</text>\n"
    }
    for day in [0.0, 30, 90, 180, 270, 365] {
      let x = Self.x(day)
      text += Self.rule(x, Self.top, x, Self.height - Self.bottom)
      text +=
        "<text x=\"\(Self.short(x))\" y=\"\(Int(Self.height - Self.bottom) + 18)\" text-anchor=\"middle\">\(Int(day))</text>\n"
    }
    let middle = (Self.left + Self.width - Self.right) / 2
    text +=
      "<text x=\"\(Self.short(middle))\" y=\"\(Int(Self.height) - 12)\" text-anchor=\"middle\">days since the last sync</text>\n"
    for (index, line) in lines.enumerated() {
      let points = line.points.map {
        "\(Self.short(Self.x($0.days))),\(Self.short(Self.y($0.seconds)))"
      }
      let dash = line.isDashed ? " stroke-dasharray=\"5 4\"" : ""
      let stroke = "stroke=\"\(line.colour)\" stroke-width=\"2\"\(dash) fill=\"none\""
      text += "<polyline points=\"\(points.joined(separator: " "))\" \(stroke)/>\n"
      let y = Self.top + 14 + Double(index) * 20
      let x = Self.width - Self.right + 15
      text += "<path d=\"M\(Self.short(x)) \(Self.short(y - 4))h24\" \(stroke)/>\n"
      text += "<text x=\"\(Self.short(x + 30))\" y=\"\(Self.short(y))\">\(line.name)</text>\n"
    }
    return text + "</svg>\n"
  }

  private static func x(_ days: Double) -> Double {
    left + (width - left - right) * days / lastDay
  }

  private static func y(_ seconds: Double) -> Double {
    let low = Double(decades.lowerBound)
    let high = Double(decades.upperBound)
    let exponent = min(max(log10(max(seconds, 1e-9)), low), high)
    return height - bottom - (height - top - bottom) * (exponent - low) / (high - low)
  }

  private static func rule(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
    "<path d=\"M\(short(x1)) \(short(y1))L\(short(x2)) \(short(y2))\" stroke=\"#ddd\"/>\n"
  }

  private static func short(_ number: Double) -> String { Figure.of(number, decimals: 1) }
}
