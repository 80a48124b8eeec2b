"""Opens pages in Chromium as a reader does, and fails on whatever a page must not do.

    python3 chromium.py CHROMIUM PICTURES PAGE...

Each page is opened from its file URL at two widths, light and dark. Everything in it that can be opened is opened with
the keyboard alone. A request besides that for the file itself, a message on the console, an exception, or a page that is
wider than its window is an error. Pictures of each page are written to PICTURES. Prints a line of JSON for each page:
its title, its verdict, how many places were opened, and what its drawings are called.

Speaks the DevTools protocol over a pipe (--remote-debugging-pipe): messages of JSON, each ended by a zero byte.
"""

import base64
import json
import os
import pathlib
import select
import subprocess
import sys
import tempfile
import time

WIDTHS = (360, 1200)
SCHEMES = ("light", "dark")
DEADLINE = 120


class Browser:
    """A Chromium of its own, with nothing of the user's."""

    def __init__(self, program, profile):
        to_read, to_browser = os.pipe()
        from_browser, to_write = os.pipe()

        def descriptors():
            # Away from 3 and 4 first, as either may be one of the two.
            inward, outward = os.dup(to_read), os.dup(to_write)
            while inward < 5 or outward < 5:
                inward, outward = (os.dup(each) if each < 5 else each for each in (inward, outward))
            os.dup2(inward, 3)
            os.dup2(outward, 4)

        command = [
            program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
            "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank",
        ]
        self.process = subprocess.Popen(
            command, preexec_fn=descriptors, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self.out, self.into = to_browser, from_browser
        self.buffer = b""
        self.number = 0
        self.events = []
        self.end = time.monotonic() + DEADLINE

    def receive(self):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.into], [], [], max(0, self.end - time.monotonic()))
            if not ready:
                sys.exit(f"Chromium has not answered for {DEADLINE} s")
            data = os.read(self.into, 1 << 20)
            if not data:
                sys.exit("Chromium has ended")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def close(self):
        try:
            self.call("Browser.close")
            self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait()


class Page:
    """One page at one width."""

    def __init__(self, browser, path, width, scheme):
        self.browser = browser
        self.url = path.resolve().as_uri()
        self.where = f"{path.name} at {width} px, {scheme}"
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.target = target
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log", "Accessibility"):
            self.call(f"{domain}.enable")
        height = 800 if width < 500 else 900
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        browser.events.clear()
        self.call("Page.navigate", url=self.url)
        self.wait("Page.loadEventFired")

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def wait(self, event):
        while not any(each.get("method") == event for each in self.browser.events):
            self.browser.events.append(self.browser.receive())

    def value(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            sys.exit(f"{expression}: {answer['exceptionDetails']['text']}")
        return answer["result"].get("value")

    def key(self, name, code, text=""):
        parameters = {"key": name, "code": name, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **parameters)
        self.call("Input.dispatchKeyEvent", type="keyUp", **parameters)

    def open_all(self):
        """Goes through the page with Tab, and opens what can be opened with Enter. Returns how many places that were."""
        opened = stops = 0
        closed = self.value("document.querySelectorAll('details:not([open])').length")
        for _ in range(5000):
            self.key("Tab", 9)
            found = self.value(
                "(e => e === document.body || !e ? null : {tag: e.tagName, seen: e.matches(':focus-visible'),"
                " name: (e.getAttribute('aria-label') || e.textContent).trim(), outline: getComputedStyle(e).outlineWidth,"
                " open: !!(e.parentElement && e.parentElement.open)})(document.activeElement)"
            )
            if found is None:
                break
            stops += 1
            if not found["name"] or not found["seen"] or found["outline"] == "0px":
                sys.exit(f"{self.where}: the focus is on something that has no name or does not show it: {found}")
            if found["tag"] == "SUMMARY" and not found["open"]:
                self.key("Enter", 13, "\r")
                opened += 1
        left = self.value("document.querySelectorAll('details:not([open])').length")
        if left or opened != closed:
            sys.exit(f"{self.where}: {opened} of {closed} places were opened with the keyboard, {left} are closed")
        return opened, stops

    def judge(self, width):
        wide = self.value("document.documentElement.scrollWidth")
        if wide > width:
            widest = self.value(
                "[...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll') && !e.closest('.skip')"
                f" && e.getBoundingClientRect().right > {width} + 1).slice(0, 5).map(e => e.outerHTML.slice(0, 150))"
            )
            sys.exit(f"{self.where}: {wide} px wide: {widest}")
        # Text that is cut off says nothing.
        cut = self.value(
            "[...document.querySelectorAll('figure > svg text')].filter(e => e.getClientRects().length).filter(e => {"
            " const t = e.getBoundingClientRect(), s = e.closest('figure').getBoundingClientRect();"
            " return t.left < s.left - 1 || t.right > s.right + 1 }).map(e => e.textContent)"
        )
        if cut:
            sys.exit(f"{self.where}: texts that stand out of their drawings: {cut[:5]}")
        for event in self.browser.events:
            if event.get("sessionId") != self.session:
                continue
            method, parameters = event["method"], event["params"]
            if method == "Network.requestWillBeSent" and parameters["request"]["url"] != self.url:
                sys.exit(f"{self.where}: a request for {parameters['request']['url']}")
            if method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
                sys.exit(f"{self.where}: {json.dumps(parameters)}")

    def drawings(self):
        """Names and descriptions of the drawings, as a screen reader has them."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        found = []
        for node in nodes:
            if not node.get("ignored") and node.get("role", {}).get("value") in ("image", "img"):
                name, about = (node.get(key, {}).get("value", "") for key in ("name", "description"))
                if not name or not about:
                    sys.exit(f"{self.where}: a drawing without a name or a description: {name!r}, {about!r}")
                found.append(name)
        return found

    def picture(self, path):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 12000), "scale": 1}
        data = self.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))

    def printed(self):
        data = self.call("Page.printToPDF", printBackground=True)["data"]
        return base64.b64decode(data)

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)


def visit(browser, path, pictures):
    for width in WIDTHS:
        for scheme in SCHEMES:
            page = Page(browser, path, width, scheme)
            closed = pictures / f"{path.stem}-{width}-{scheme}.png"
            page.picture(closed)
            page.judge(width)
            opened, stops = page.open_all()
            page.judge(width)
            drawings = page.drawings()
            if (width, scheme) == (WIDTHS[-1], SCHEMES[0]):
                page.picture(pictures / f"{path.stem}-{width}-opened.png")
                (pictures / f"{path.stem}.pdf").write_bytes(page.printed())
            title = page.value("document.title")
            verdict = page.value("document.querySelector('.verdict').innerText.replace(/\\s+/g, ' ')")
            scripts = page.value("document.scripts.length + document.querySelectorAll('[onload], [onerror], iframe, object').length")
            page.close()
            if scripts:
                sys.exit(f"{page.where}: {scripts} scripts")
    print(json.dumps({"page": path.name, "title": title, "verdict": verdict, "opened": opened, "stops": stops, "drawings": drawings}))


def main():
    program, pictures, *pages = sys.argv[1:]
    pictures = pathlib.Path(pictures)
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(program, profile)
        try:
            for page in pages:
                browser.end = time.monotonic() + DEADLINE
                visit(browser, pathlib.Path(page), pictures)
        finally:
            browser.close()


main()
