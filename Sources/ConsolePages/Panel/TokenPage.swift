import TokenSimulator

/// The panel's page, which stands in a frame beside the console's. Without the script it shows the
/// token as it was when the page was asked for.
struct TokenPage {
  let state: TokenState
  let token: String

  var html: HTML {
    Page.frame(
      title: "Simulated token",
      """
      <main class="token" id="token-live">
      <h1 id="token-name">Simulated token</h1>
      <p class="hint">Software and no hardware. Serial number \(state.serial)</p>
      <div id="token-body" class="token-body\(if: state.isLit, " lit")">
      <table id="token-codes"><thead class="unseen"><tr><th scope="col">Name</th>\
      <th scope="col">Code</th><th scope="col">Left</th></tr></thead>
      <tbody>\(state.codes.map(row))</tbody></table>
      <p id="token-trouble" role="status">\(state.trouble)</p>
      </div>
      <div class="actions">
      \(button("press", "press-button", "Press button", .primary))
      \(button("unplug", "unplug", "Unplug", .quiet, isHidden: !state.isPlugged))
      \(button("plug", "plug", "Plug in", .quiet, isHidden: state.isPlugged))
      \(button("power", "cut-power", "Cut all power", .danger))
      </div>
      <dl class="facts">\(state.texts.filter { $0.id != "token-trouble" }.map(fact))</dl>
      \(mode)
      \(drift)
      <p><a id="refresh-token" href="/token">Refresh</a></p>
      </main>
      """)
  }

  private func row(_ entry: TokenState.Entry) -> HTML {
    let left = entry.left.map { "\(Int($0.rounded(.up))) s" } ?? ""
    return """
      <tr><td class="name">\(entry.name)</td><td class="code">\(entry.code)</td>\
      <td class="left">\(left)</td></tr>
      """
  }

  private func fact(_ entry: (id: String, text: String)) -> HTML {
    "<dt>\(Self.labels[entry.id] ?? "")</dt><dd id=\"\(entry.id)\">\(entry.text)</dd>"
  }

  private static let labels = [
    "clock-time": "Its clock (UTC)", "clock-bound": "Its own bound",
    "clock-difference": "Ahead of this computer", "token-cable": "Cable",
    "token-battery": "Battery", "token-light": "Light",
  ]

  private func button(
    _ path: String, _ id: String, _ label: String, _ weight: Submit.Weight, isHidden: Bool = false
  ) -> HTML {
    let form = Form(id: "\(path)-form", action: "/token/\(path)", token: token, isInline: true)
    return form.html(Submit(id: id, label: label, weight: weight), isHidden: isHidden)
  }

  private var mode: HTML {
    let form = Form(id: "button-form", action: "/token/button", token: token)
    return form.html(
      """
      <div class="field"><label for="mode">Who presses its button</label>
      <select id="mode" name="mode">\(Button.Mode.allCases.map {
        """
        <option value="\($0.name)"\(if: $0 == state.button, " selected")>\(words($0))</option>
        """
      })</select></div>
      <div class="actions">\(Submit(id: "set-button", label: "Set", weight: .quiet).html)</div>
      """)
  }

  private func words(_ mode: Button.Mode) -> String {
    switch mode {
    case .automatic: "the simulator, at once"
    case .manual: "you, with the button here"
    case .never: "nobody"
    }
  }

  private var drift: HTML {
    let form = Form(id: "drift-form", action: "/token/drift", token: token)
    let temperatures = SimulatedClock.temperatures
    return form.html(
      """
      <div class="field"><label for="seconds">Time that passes for the token alone, in seconds: \
      <output id="seconds-value" for="seconds">0</output></label>
      <input id="seconds" name="seconds" type="range" min="0" max="\(TokenPanel.longestWarp)" \
      step="1" value="0"></div>
      <div class="field"><label for="celsius">At a temperature, in °C: \
      <output id="celsius-value" for="celsius">25</output></label>
      <input id="celsius" name="celsius" type="range" min="\(temperatures.lowerBound)" \
      max="\(temperatures.upperBound)" step="1" value="25"></div>
      <div class="actions">\(Submit(id: "set-drift", label: "Let it drift", weight: .quiet).html)</div>
      """)
  }
}
