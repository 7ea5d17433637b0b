// What makes the pages a little more comfortable. Everything works without it.
'use strict';

document.documentElement.classList.add('js');

// "Copy" takes the text of the element that it names.
for (const button of document.querySelectorAll('[data-copy]')) {
  const label = button.textContent;
  button.addEventListener('click', async () => {
    const source = document.getElementById(button.dataset.copy);
    const isKey = source.classList.contains('key');
    const text = isKey ? source.textContent.replaceAll(' ', '') : source.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Copy it by hand';
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

// A number of seconds that counts down.
for (const element of document.querySelectorAll('[data-countdown]')) {
  const end = Date.now() + 1000 * Number(element.textContent);
  const timer = setInterval(() => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    element.textContent = String(left);
    if (left === 0) clearInterval(timer);
  }, 250);
}

// The simulated token: asked once a second, and drawn as it answers.
const token = document.getElementById('token-live');
if (token) {
  const show = (id, text) => {
    const element = document.getElementById(id);
    if (element && element.textContent !== text) element.textContent = text;
  };
  const ring = (left, period) => {
    const space = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(space, 'svg');
    svg.setAttribute('viewBox', '0 0 26 26');
    svg.setAttribute('class', 'ring');
    svg.setAttribute('aria-hidden', 'true');
    for (const name of ['all', 'left']) {
      const circle = document.createElementNS(space, 'circle');
      for (const [key, value] of [['cx', 13], ['cy', 13], ['r', 10], ['class', name]]) {
        circle.setAttribute(key, value);
      }
      circle.setAttribute('pathLength', 100);
      if (name === 'left') circle.setAttribute('stroke-dasharray', `${100 * left / period} 100`);
      svg.append(circle);
    }
    return svg;
  };
  const draw = (state) => {
    for (const [id, text] of Object.entries(state.texts)) show(id, text);
    document.getElementById('token-body').classList.toggle('lit', state.isLit);
    document.getElementById('unplug-form').hidden = !state.isPlugged;
    document.getElementById('plug-form').hidden = state.isPlugged;
    const body = document.querySelector('#token-codes tbody');
    body.replaceChildren(...state.codes.map((entry) => {
      const row = document.createElement('tr');
      const cells = ['name', 'code', 'left'].map((name) => {
        const cell = document.createElement('td');
        cell.className = name;
        row.append(cell);
        return cell;
      });
      cells[0].textContent = entry.name;
      cells[1].textContent = entry.code;
      if (entry.period) {
        cells[2].append(ring(entry.left, entry.period));
        const words = document.createElement('span');
        words.className = 'unseen';
        words.textContent = `${Math.ceil(entry.left)} seconds left`;
        cells[2].append(words);
      }
      return row;
    }));
  };
  const ask = async () => {
    try {
      const answer = await fetch('/token/state', { cache: 'no-store' });
      draw(await answer.json());
    } catch {
      show('token-trouble', 'The token does not answer.');
    }
    setTimeout(ask, 1000);
  };
  ask();
  for (const slider of document.querySelectorAll('input[type=range]')) {
    slider.addEventListener('input', () => show(`${slider.id}-value`, slider.value));
  }
}
