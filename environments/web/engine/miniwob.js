// Runs in a page of MiniWoB++ before its own scripts: chance and listeners are watched, so that the page can be seeded and read.
(() => {
  let last = 1;
  Math.random = () => (last = (last * 48271) % 2147483647) / 2147483647; // until the episode seeds it

  const heard = new WeakSet();
  const add = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (type, ...rest) {
    if (/^(click|dblclick|mousedown|mouseup|pointerdown|focus)$/.test(type) && this instanceof Element) heard.add(this);
    return add.call(this, type, ...rest);
  };

  const SKIPPED = new Set(['reward-display', 'sync-task-cover', 'click-canvas', 'attention-canvas', 'query']);
  const UNREAD = new Set(['script', 'style', 'template', 'noscript', 'iframe', 'object', 'embed', 'link', 'meta', 'defs']);
  const CONTROLS = new Set(['input', 'button', 'select', 'textarea']);
  const VOID = new Set(['input', 'img', 'br', 'hr']);
  const KEPT = new Set(['button', 'input', 'select', 'textarea', 'label', 'img', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol',
    'li', 'b', 'i', 'strong', 'em', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'br', 'hr']);
  const ATTRIBUTES = ['id', 'for', 'name', 'type', 'placeholder', 'alt', 'title', 'disabled', 'readonly'];
  const COLOURS = { black: [0, 0, 0], white: [255, 255, 255], grey: [128, 128, 128], red: [255, 0, 0], green: [0, 128, 0],
    lime: [0, 255, 0], blue: [0, 0, 255], yellow: [255, 255, 0], cyan: [0, 255, 255], aqua: [0, 255, 255], magenta: [255, 0, 255],
    orange: [255, 165, 0], purple: [128, 0, 128], pink: [255, 192, 203], brown: [165, 42, 42], olive: [128, 128, 0],
    maroon: [128, 0, 0], navy: [0, 0, 128], teal: [0, 128, 128], violet: [238, 130, 238] };

  const escaped = text => String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
  const words = text => String(text || '').replace(/[-_]+/g, ' ').trim();
  const classes = e => words(typeof e.className === 'string' ? e.className : e.getAttribute('class'));
  const isShape = e => e instanceof SVGElement;

  function colour(value) {
    const parts = (String(value).match(/[\d.]+/g) || []).map(Number);
    if (!String(value).startsWith('rgb') || parts.length < 3 || parts[3] === 0) return '';
    const apart = c => c.reduce((sum, x, n) => sum + (x - parts[n]) ** 2, 0);
    const [name, near] = Object.entries(COLOURS).reduce((a, b) => (apart(b[1]) < apart(a[1]) ? b : a));
    return apart(near) === 0 ? name : `rgb(${parts.slice(0, 3).join(',')}), near ${name}`;
  }

  // What an element without text looks like: its names, colour, place and size.
  function looks(e) {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    const place = `at ${Math.round(box.x + box.width / 2)},${Math.round(box.y + box.height / 2)}`;
    const size = `${Math.round(box.width)}x${Math.round(box.height)}`;
    const corners = e.tagName === 'polygon' ? `${(e.getAttribute('points') || '').trim().split(/\s+/).length} corners` : '';
    const paint = isShape(e) ? colour(style.fill) || colour(style.stroke) : colour(style.backgroundColor);
    const names = isShape(e) ? [words(e.tagName), corners] : [words(e.id), classes(e)];
    return [...names, paint, place, size].filter(Boolean).join(' ');
  }

  const hidden = e => {
    const style = getComputedStyle(e);
    return style.display === 'none' || style.visibility === 'hidden';
  };
  const sized = e => {
    const box = e.getBoundingClientRect();
    return box.width > 0 && box.height > 0;
  };

  const visible = e => !hidden(e) && (sized(e) || [...e.children].some(visible));

  const listens = e => heard.has(e) || e.onclick || e.onmousedown || e.tabIndex >= 0;
  const isFrame = e => e === document.body || e.id === 'wrap' || e.id === 'area' || e.tagName === 'svg';

  // Whether a click on an element, or on something that it lies in, is listened to.
  function reacts(e) {
    for (let at = e; at && !isFrame(at); at = at.parentElement) if (listens(at)) return true;
    return false;
  }

  // Whether an element with nothing inside shows something.
  function shows(e) {
    if ((e.textContent || '').trim() || isShape(e) || e.tagName === 'IMG' || e.tagName === 'CANVAS') return true;
    const style = getComputedStyle(e);
    return Boolean(colour(style.backgroundColor)) || style.backgroundImage !== 'none' || style.content.startsWith('url');
  }

  // Controls, whatever has nothing inside, and what listens and has words of its own: a click goes up to all that is around.
  function isNumbered(e, tag, inside) {
    if (CONTROLS.has(tag) || tag === 'a' || tag === 'summary') return true;
    if (inside || !sized(e) || isFrame(e)) return false;
    if (![...e.children].some(visible)) return shows(e) || reacts(e);
    return reacts(e) && [...e.childNodes].some(c => c instanceof Text && c.data.trim());
  }

  // Pictures give elements their size, so they are waited for.
  const pictures = new Map();
  function loaded() {
    for (const e of document.querySelectorAll('#wrap *, body > *')) {
      const style = getComputedStyle(e), urls = [...`${style.content} ${style.backgroundImage}`.matchAll(/url\("([^"]+)"\)/g)];
      for (const url of [...urls.map(m => m[1]), ...(e.tagName === 'IMG' ? [e.src] : [])]) {
        if (pictures.has(url)) continue;
        const picture = new Image();
        picture.src = url;
        pictures.set(url, picture.decode().catch(() => {}));
      }
    }
    return Promise.all(pictures.values());
  }

  async function read() {
    await loaded();
    const elements = [], values = [];

    function attributes(e, tag, numbered) {
      const pairs = ATTRIBUTES.filter(name => e.hasAttribute(name)).map(name => [name, e.getAttribute(name)]);
      const state = ['expanded', 'selected', 'pressed', 'checked'].filter(s => e.getAttribute(`aria-${s}`) === 'true');
      if (state.length) pairs.push(['aria-description', state.join(' ')]);
      if (!numbered) return pairs;
      pairs.push(['onclick', '']);
      if (tag === 'a') pairs.push(['role', 'link']);
      else if (!CONTROLS.has(tag)) pairs.push(['role', reacts(e) ? 'button' : isShape(e) ? 'img' : 'text']);
      if (tag === 'input' && /^(submit|button|reset)$/.test(e.type)) pairs.push(['value', e.value]);
      if (!CONTROLS.has(tag) && !(e.textContent || '').trim() && !e.title && !e.alt) pairs.push(['aria-label', looks(e)]);
      return pairs;
    }

    function control(e, tag) {
      if (!CONTROLS.has(tag)) return;
      values.push(e.type === 'checkbox' || e.type === 'radio' ? e.checked : e.value);
    }

    function content(e, tag, inside) {
      if (tag === 'textarea') return escaped(e.value);
      if (tag === 'select') {
        return [...e.options].map(o => `<option value="${escaped(o.value)}">${escaped(o.text)}</option>`).join('');
      }
      return [...e.childNodes].map(c =>
        c instanceof Text ? (sized(e) ? escaped(c.data) : '') : c instanceof Element ? write(c, inside) : '').join(' ');
    }

    function write(e, inside) {
      let tag = e.tagName.toLowerCase();
      if (SKIPPED.has(e.id) || UNREAD.has(tag) || hidden(e) || (tag === 'input' && e.type === 'hidden')) return '';
      const numbered = isNumbered(e, tag, inside);
      if (numbered) elements.push(e);
      const pairs = attributes(e, tag, numbered);
      control(e, tag);
      if (!KEPT.has(tag)) tag = isShape(e) || ['a', 'span', 'text', 'tspan', 'u', 'code'].includes(tag) ? 'span' : 'div';
      const start = `<${[tag, ...pairs.map(([name, value]) => `${name}="${escaped(value)}"`)].join(' ')}>`;
      if (VOID.has(tag)) return start;
      const within = inside || (numbered && ['a', 'button', 'label'].includes(e.tagName.toLowerCase()));
      return `${start}${content(e, tag, within)}</${tag}>`;
    }

    const html = `<title>${escaped(document.title)}</title><body>${write(document.body, false)}</body>`;
    const reward = WOB_DONE_GLOBAL ? WOB_RAW_REWARD_GLOBAL : 0;
    const said = core.getUtterance();
    const utterance = typeof said === 'string' ? said : said.utterance;
    window.__episode.elements = elements;
    return { html, values, count: elements.length, done: WOB_DONE_GLOBAL, reward, utterance };
  }

  // An episode from a seed. Its timer is set beyond any episode: the reward shall not depend on the clock.
  function begin(seed) {
    core.EPISODE_MAX_TIME = 2147483647;
    Math.seedrandom(seed);
    if (core.setDataMode) core.setDataMode('train');
    core.startEpisodeReal();
  }

  // Where a mouse hits an element; null where something else lies over it.
  function aim(number) {
    const e = window.__episode.elements[number];
    e.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
    const box = e.getClientRects()[0] || e.getBoundingClientRect();
    const x = box.x + box.width / 2, y = box.y + box.height / 2, hit = document.elementFromPoint(x, y);
    return hit && (e.contains(hit) || hit.control === e) ? [x, y] : null;
  }

  // MiniWoB++'s own click on an element, for one that a mouse cannot reach.
  function click(number) {
    const e = window.__episode.elements[number];
    if (!isShape(e)) return e.click(), e.focus();
    for (const type of ['mousedown', 'mouseup', 'click']) e.dispatchEvent(new Event(type, { bubbles: true }));
  }

  Object.defineProperty(window, '__episode', { value: { elements: [], read, begin, aim, click } });
})();
